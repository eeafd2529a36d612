<?php

namespace Modules\CsmDrafts\Support;

use App\Conversation;
use App\Thread;
use Illuminate\Support\Facades\DB;

/**
 * Keeps this module's writes from slipping in between the moment FreeScout reads a draft in order to send or save it for an agent
 * and the moment it stores it.
 *
 * FreeScout does that without a lock, and stores only the columns that differ from what it had read. A replacement in between
 * would so be sent with a text the agent never saw, and a withdrawal in between would swallow the agent's reply, because an
 * UPDATE of a row that is gone is no error. Hence, for drafts that came in through the API only:
 * - a draft that is being sent always stores the text and the addresses of the form, changed or not;
 * - if the row is gone once FreeScout has stored a change of it, it is put back with what the agent has just sent or saved.
 * Both are the last statements on the row, and this module's own transaction holds the row's lock from compare to write, so one of
 * the two always sees the other.
 */
class SendGuard
{
    public static function register()
    {
        Thread::updating(function ($thread) {
            self::storeWhatTheAgentSaw($thread);
        });
        Thread::updated(function ($thread) {
            self::putBackIfGone($thread);
        });
    }

    public static function storeWhatTheAgentSaw(Thread $thread)
    {
        if (!self::wasApiDraft($thread) || (int) $thread->state !== DraftRules::STATE_PUBLISHED) {
            return;
        }
        $attributes = $thread->getAttributes();
        $thread->setRawAttributes(DraftRules::unlike($thread->getOriginal(), $attributes), true);
        $thread->setRawAttributes($attributes);
    }

    public static function putBackIfGone(Thread $thread)
    {
        if (!self::wasApiDraft($thread) || Thread::where('id', $thread->id)->exists()) {
            return;
        }
        if (!Conversation::where('id', $thread->conversation_id)->exists()) {
            return;
        }
        // Not a new model: FreeScout has counted and announced this thread already.
        DB::table($thread->getTable())->insert($thread->getAttributes());
    }

    private static function wasApiDraft(Thread $thread): bool
    {
        return (int) $thread->getOriginal('state') === DraftRules::STATE_DRAFT
            && (int) $thread->getOriginal('source_type') === DraftRules::SOURCE_API;
    }
}
