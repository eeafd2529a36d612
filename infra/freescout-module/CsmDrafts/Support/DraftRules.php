<?php

namespace Modules\CsmDrafts\Support;

/**
 * What a request may do to a draft, and what a draft looks like outside. Knows neither FreeScout nor Laravel, so that it can be
 * tested with PHP alone (Tests/run.php).
 *
 * A "row" is a thread as the database holds it: an array of column => scalar or null.
 */
class DraftRules
{
    const VERSION = '1.0.0';

    /** Value of threads.state for a draft. */
    const STATE_DRAFT = 1;

    /** Value of threads.state for a sent reply. */
    const STATE_PUBLISHED = 2;

    /** Value of threads.source_type for a thread that came in through the API. */
    const SOURCE_API = 3;

    /** Everything of a thread that an editor, a replacement or a send can change, in a fixed order. */
    const VERSIONED = [
        'id', 'conversation_id', 'type', 'subtype', 'state', 'body', 'from', 'to', 'cc', 'bcc', 'has_attachments',
        'created_by_user_id', 'edited_by_user_id', 'edited_at',
    ];

    /** What the sender of a draft had in front of them: these four columns are what the customer receives. */
    const SENT_CONTENT = ['body', 'to', 'cc', 'bcc'];

    /**
     * An opaque string that changes with the draft. Not the time of the last change: that has a resolution of one second.
     * Every value is written with its length (or as null), so no two different rows run together into the same text.
     */
    public static function version(array $row): string
    {
        $text = '';
        foreach (self::VERSIONED as $column) {
            $value = $row[$column] ?? null;
            if (is_bool($value)) {
                $value = (int) $value;
            }
            $text .= $value === null ? '-;' : strlen((string) $value).':'.$value.';';
        }

        return hash('sha256', $text);
    }

    /**
     * May $user change this draft, believing it to be at $ifVersion?
     *
     * @return int 204 yes; 404 not there; 409 no longer a draft, or the conversation itself is one; 403 not this user's; 412 changed
     */
    public static function decide($row, $conversationId, bool $conversationIsDraft, $user, $ifVersion): int
    {
        if ($row === null || (int) $row['conversation_id'] !== (int) $conversationId) {
            return 404;
        }
        // Before the question whose it is: sending a draft makes it the sender's.
        if ((int) $row['state'] !== self::STATE_DRAFT) {
            return 409;
        }
        // A conversation that was never sent consists of its draft; taking that away would mean deleting the conversation.
        if ($conversationIsDraft) {
            return 409;
        }
        if ((int) $row['created_by_user_id'] !== (int) $user) {
            return 403;
        }

        return hash_equals(self::version($row), (string) $ifVersion) ? 204 : 412;
    }

    /**
     * Problems with the parameters of a change, in the shape the API & Webhooks module reports them. Empty: none.
     */
    public static function problems(array $input, bool $withText): array
    {
        $errors = [];
        $required = $withText ? ['text', 'user', 'ifVersion'] : ['user', 'ifVersion'];
        foreach ($required as $name) {
            $value = $input[$name] ?? null;
            if ($value === null || $value === '') {
                $errors[] = self::problem($name, '`'.$name.'` parameter is required');
            } elseif ($name === 'user' ? self::id($value) === null : !is_string($value)) {
                $errors[] = self::problem($name, '`'.$name.'` parameter is incorrect');
            }
        }
        if ($withText && isset($input['cc']) && !self::isListOfStrings($input['cc'])) {
            $errors[] = self::problem('cc', '`cc` parameter must be an array of strings');
        }

        return $errors;
    }

    /**
     * A positive whole number up to the largest id the database can hold, or null.
     */
    public static function id($value)
    {
        if (is_int($value)) {
            $value = (string) $value;
        }
        if (!is_string($value) || !preg_match('/^[1-9][0-9]{0,9}$/D', $value) || (float) $value > 4294967295) {
            return null;
        }

        return (int) $value;
    }

    public static function keyMatches($expected, $given): bool
    {
        return is_string($expected) && $expected !== '' && is_string($given) && hash_equals($expected, $given);
    }

    /**
     * Error body in the shape of the API & Webhooks module.
     */
    public static function error(string $message, array $errors = [], array $more = []): array
    {
        return ['message' => $message] + $more + ['_embedded' => ['errors' => $errors]];
    }

    public static function messageFor(int $status): string
    {
        $messages = [
            400 => 'Error occurred',
            403 => 'The draft was not created by this user',
            404 => 'Not Found',
            409 => 'The thread is not a draft of a reply any more',
            412 => 'The draft has changed',
        ];

        return $messages[$status] ?? 'Error occurred';
    }

    /**
     * @param array $draft row, lists and dates of one thread (see DraftsController::describe)
     */
    public static function describe(array $draft): array
    {
        return [
            'id'        => (int) $draft['row']['id'],
            'body'      => (string) ($draft['row']['body'] ?? ''),
            'to'        => array_values((array) $draft['to']),
            'cc'        => array_values((array) $draft['cc']),
            'createdBy' => self::person($draft['createdBy'] ?? null),
            'editedBy'  => self::person($draft['editedBy'] ?? null),
            'editedAt'  => self::date($draft['editedAt'] ?? null),
            'createdAt' => self::date($draft['createdAt'] ?? null),
            'updatedAt' => self::date($draft['updatedAt'] ?? null),
            'version'   => self::version($draft['row']),
        ];
    }

    /**
     * UTC, whole seconds, as everywhere in FreeScout's API; the database holds the time zone of the application.
     */
    public static function date($date)
    {
        if (!$date instanceof \DateTimeInterface) {
            return null;
        }

        return gmdate('Y-m-d\TH:i:s\Z', $date->getTimestamp());
    }

    /**
     * The original values a model must be made to believe in, so that saving it writes all of SENT_CONTENT, changed or not.
     */
    public static function unlike(array $original, array $attributes): array
    {
        foreach (self::SENT_CONTENT as $column) {
            if (array_key_exists($column, $attributes)) {
                $original[$column] = $attributes[$column] === null ? '' : null;
            }
        }

        return $original;
    }

    private static function person($user)
    {
        if (!$user) {
            return null;
        }

        return [
            'id'        => (int) $user['id'],
            'type'      => 'user',
            'firstName' => $user['first_name'],
            'lastName'  => $user['last_name'],
            'email'     => $user['email'],
        ];
    }

    private static function problem(string $path, string $message): array
    {
        return ['path' => $path, 'message' => $message, 'source' => 'JSON'];
    }

    private static function isListOfStrings($value): bool
    {
        if (!is_array($value)) {
            return false;
        }
        foreach ($value as $item) {
            // FreeScout turns empty strings of a request into null; they carry no address.
            if (!is_string($item) && $item !== null) {
                return false;
            }
        }

        return true;
    }
}
