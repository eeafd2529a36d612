<?php

namespace Modules\CsmDrafts\Http\Controllers;

use App\Conversation;
use App\Folder;
use App\Thread;
use App\User;
use Illuminate\Http\Request;
use Illuminate\Routing\Controller;
use Illuminate\Support\Facades\DB;
use Modules\CsmDrafts\Support\DraftRules;

class DraftsController extends Controller
{
    /** How often a transaction is run again when the database picks it as the victim of a deadlock. */
    const ATTEMPTS = 3;

    public function about()
    {
        return response()->json(['module' => 'CsmDrafts', 'version' => DraftRules::VERSION]);
    }

    /**
     * All drafts in the conversation. Those of agents are listed too: the caller has to know that an agent is writing.
     */
    public function index($conversationId)
    {
        $id = DraftRules::id($conversationId);
        if ($id === null || !Conversation::where('id', $id)->exists()) {
            return $this->failure(404);
        }
        $drafts = Thread::where('conversation_id', $id)->where('state', Thread::STATE_DRAFT)->orderBy('id')->get();

        return response()->json(['_embedded' => ['drafts' => $drafts->map([$this, 'describe'])->all()]]);
    }

    /**
     * New text, and addresses if given, for an untouched draft. Neither the editor nor the author of the draft changes.
     */
    public function replace(Request $request, $conversationId, $threadId)
    {
        $input = $request->all();

        return $this->change($input, true, $conversationId, $threadId, function (Thread $thread) use ($input) {
            $thread->body = $input['text'];
            if (isset($input['cc'])) {
                $thread->setCc(array_values(array_filter($input['cc'])));
            }
            $thread->save();

            return DraftRules::version($thread->getAttributes());
        });
    }

    /**
     * What FreeScout does when an agent discards a draft of a reply.
     */
    public function withdraw(Request $request, $conversationId, $threadId)
    {
        return $this->change($request->all(), false, $conversationId, $threadId, function (Thread $thread, Conversation $conversation) {
            $thread->deleteThread();
            if ($conversation->maybeRemoveFromDrafts() && $conversation->mailbox) {
                $conversation->mailbox->updateFoldersCounters(Folder::TYPE_DRAFTS);
            }
        });
    }

    /**
     * Locks the row, compares, writes; all of it in one transaction.
     */
    private function change(array $input, bool $withText, $conversationId, $threadId, \Closure $write)
    {
        $problems = DraftRules::problems($input, $withText);
        if ($problems) {
            return $this->failure(400, $problems);
        }
        $conversationId = DraftRules::id($conversationId);
        $threadId = DraftRules::id($threadId);
        $conversation = $conversationId && $threadId ? Conversation::find($conversationId) : null;
        if (!$conversation) {
            return $this->failure(404);
        }

        list($status, $version) = DB::transaction(function () use ($input, $conversation, $threadId, $write) {
            $thread = Thread::where('id', $threadId)->lockForUpdate()->first();
            $row = $thread ? $thread->getAttributes() : null;
            $status = DraftRules::decide(
                $row,
                $conversation->id,
                (int) $conversation->state === Conversation::STATE_DRAFT,
                $input['user'],
                $input['ifVersion']
            );
            if ($status === 204) {
                return [$status, $write($thread, $conversation)];
            }

            return [$status, $status === 412 ? DraftRules::version($row) : null];
        }, self::ATTEMPTS);

        if ($status !== 204) {
            return $this->failure($status, [], $version === null ? [] : ['version' => $version]);
        }
        $response = response('', 204);
        if ($version !== null) {
            $response->header('X-CSM-Draft-Version', $version);
        }

        return $response;
    }

    public function describe(Thread $thread): array
    {
        return DraftRules::describe([
            'row'       => $thread->getAttributes(),
            'to'        => $thread->getToArray(),
            'cc'        => $thread->getCcArray(),
            'createdBy' => $this->person($thread->created_by_user_id),
            'editedBy'  => $this->person($thread->edited_by_user_id),
            'editedAt'  => $thread->edited_at,
            'createdAt' => $thread->created_at,
            'updatedAt' => $thread->updated_at,
        ]);
    }

    private function person($userId)
    {
        $user = $userId ? User::find($userId) : null;

        return $user ? $user->getAttributes() : null;
    }

    private function failure(int $status, array $errors = [], array $more = [])
    {
        return response()->json(DraftRules::error(DraftRules::messageFor($status), $errors, $more), $status);
    }
}
