<?php

/*
 * The module's rules, without FreeScout, Laravel or Composer:  php Tests/run.php
 * Last line: "N passed, N failed"; exit code 1 if anything failed.
 */

use Modules\CsmDrafts\Support\DraftRules;

error_reporting(E_ALL);
set_error_handler(function ($severity, $message, $file, $line) {
    throw new ErrorException($message, 0, $severity, $file, $line);
});

require __DIR__.'/../Support/DraftRules.php';

$passed = 0;
$failed = 0;

function check(string $what, $expected, $actual)
{
    global $passed, $failed;
    if ($expected === $actual) {
        $passed++;

        return;
    }
    $failed++;
    echo "FAILED: $what\n  expected ".json_encode($expected)."\n  got      ".json_encode($actual)."\n";
}

function row(array $changes = []): array
{
    return $changes + [
        'id' => 7, 'conversation_id' => 3, 'type' => 2, 'subtype' => null, 'state' => 1, 'body' => '<div>Hello</div>', 'from' => null,
        'to' => '["c@example.com"]', 'cc' => null, 'bcc' => null, 'has_attachments' => 0, 'created_by_user_id' => 2,
        'edited_by_user_id' => null, 'edited_at' => null, 'updated_at' => '2026-01-01 00:00:00',
    ];
}

// --- version ---------------------------------------------------------------------------------------------------------------------
$v = DraftRules::version(row());
check('version is 64 hex digits', 1, preg_match('/^[0-9a-f]{64}$/D', $v));
check('version is stable', $v, DraftRules::version(row()));
check('version does not depend on the order of columns', $v, DraftRules::version(array_reverse(row(), true)));
check('version does not depend on the driver giving numbers as text', $v, DraftRules::version(row(['id' => '7', 'state' => '1', 'has_attachments' => '0'])));
check('version does not depend on the driver giving booleans', $v, DraftRules::version(row(['has_attachments' => false])));
check('version does not change with updated_at', $v, DraftRules::version(row(['updated_at' => '2026-01-01 00:00:01'])));
$changes = [
    'id' => 8, 'conversation_id' => 4, 'type' => 3, 'subtype' => 1, 'state' => 2, 'body' => '<div>Hello</div> ', 'from' => 'alias@example.com',
    'to' => '["d@example.com"]', 'cc' => '["e@example.com"]', 'bcc' => '["e@example.com"]', 'has_attachments' => 1,
    'created_by_user_id' => 1, 'edited_by_user_id' => 1, 'edited_at' => '2026-01-01 00:00:00',
];
check('every versioned column has a change below', DraftRules::VERSIONED, array_keys($changes));
$seen = [$v];
foreach ($changes as $column => $value) {
    $changed = DraftRules::version(row([$column => $value]));
    check("version changes with $column", false, in_array($changed, $seen, true));
    $seen[] = $changed;
}
check('null and empty differ', false, DraftRules::version(row(['cc' => null])) === DraftRules::version(row(['cc' => ''])));
check('a list moved from cc to bcc differs', false,
    DraftRules::version(row(['cc' => '["e@x"]'])) === DraftRules::version(row(['bcc' => '["e@x"]'])));
check('values cannot run together', false,
    DraftRules::version(row(['to' => 'a;1:b', 'cc' => ''])) === DraftRules::version(row(['to' => 'a', 'cc' => '1:b'])));
check('bytes that are not UTF-8 have a version too', 64, strlen(DraftRules::version(row(['body' => "\xff\xfe"]))));

// --- decide ----------------------------------------------------------------------------------------------------------------------
$decide = function (array $changes = [], array $args = []) use ($v) {
    $args += ['conversation' => 3, 'isDraft' => false, 'user' => 2, 'version' => $v];

    return DraftRules::decide(row($changes), $args['conversation'], $args['isDraft'], $args['user'], $args['version']);
};
check('own untouched draft', 204, $decide());
check('ids as text', 204, $decide(['conversation_id' => '3', 'created_by_user_id' => '2', 'state' => '1'], ['user' => '2']));
check('gone', 404, DraftRules::decide(null, 3, false, 2, $v));
check('in another conversation', 404, $decide([], ['conversation' => 4]));
check('sent, still by the same user', 409, $decide(['state' => 2]));
check('sent by somebody else: 409, not 403', 409, $decide(['state' => 2, 'created_by_user_id' => 1]));
check('hidden', 409, $decide(['state' => 3]));
check('the conversation is a draft', 409, $decide([], ['isDraft' => true]));
check("somebody else's draft", 403, $decide([], ['user' => 1]));
check("somebody else's draft: 403 whatever the version", 403, $decide([], ['user' => 1, 'version' => 'x']));
check('a draft without an author', 403, $decide(['created_by_user_id' => null]));
check('a draft without an author is not of user 0', 400, DraftRules::problems(['user' => '0', 'ifVersion' => $v], false) ? 400 : 204);
check('changed', 412, $decide(['body' => '<div>Hello!</div>']));
check('only opened: same text, another editor', 412, $decide(['edited_by_user_id' => 1, 'edited_at' => '2026-01-01 00:00:00']));
check('wrong version', 412, $decide([], ['version' => strtoupper($v)]));
check('part of the version', 412, $decide([], ['version' => substr($v, 0, 63)]));

// --- problems --------------------------------------------------------------------------------------------------------------------
$paths = function (array $input, bool $withText = true) {
    return array_map(function ($e) {
        return $e['path'];
    }, DraftRules::problems($input, $withText));
};
$good = ['text' => '<div>x</div>', 'user' => 2, 'ifVersion' => $v];
check('complete', [], $paths($good));
check('nothing given', ['text', 'user', 'ifVersion'], $paths([]));
check('nothing given, withdraw', ['user', 'ifVersion'], $paths([], false));
check('withdraw needs no text', [], $paths(['user' => '2', 'ifVersion' => $v], false));
check('shape of a problem', [['path' => 'user', 'message' => '`user` parameter is required', 'source' => 'JSON']],
    DraftRules::problems(['user' => null] + $good, true));
check('empty text', ['text'], $paths(['text' => ''] + $good));
check('text that is a list', ['text'], $paths(['text' => ['x']] + $good));
check('text "0" is a text', [], $paths(['text' => '0'] + $good));
check('version that is a list', ['ifVersion'], $paths(['ifVersion' => [$v]] + $good));
foreach ([true, 1.5, '1.5', '-1', -1, 0, '2 or 1=1', "2\n", [2], '99999999999'] as $bad) {
    check('user '.json_encode($bad), ['user'], $paths(['user' => $bad] + $good));
}
check('cc list', [], $paths(['cc' => ['a@example.com']] + $good));
check('cc empty', [], $paths(['cc' => []] + $good));
check('cc with an emptied string', [], $paths(['cc' => [null]] + $good));
check('cc null is not given', [], $paths(['cc' => null] + $good));
check('cc text', ['cc'], $paths(['cc' => 'a@example.com'] + $good));
check('cc nested', ['cc'], $paths(['cc' => [['a@example.com']]] + $good));
check('cc is ignored by withdraw', [], $paths(['cc' => 'x', 'user' => 2, 'ifVersion' => $v], false));

// --- ids, key, errors --------------------------------------------------------------------------------------------------------------
check('id', 12, DraftRules::id('12'));
check('largest id', 4294967295, DraftRules::id('4294967295'));
foreach (['4294967296', '0', '01', '1e3', ' 1', '1 ', "1\n", '', 'abc', '-1', null, 1.0, true, []] as $bad) {
    check('no id: '.json_encode($bad), null, DraftRules::id($bad));
}
check('key', true, DraftRules::keyMatches('abc', 'abc'));
check('wrong key', false, DraftRules::keyMatches('abc', 'abd'));
check('no key given', false, DraftRules::keyMatches('abc', null));
check('no key set, none given', false, DraftRules::keyMatches('', ''));
check('two keys given', false, DraftRules::keyMatches('abc', ['abc']));
check('404 body', '{"message":"Not Found","_embedded":{"errors":[]}}', json_encode(DraftRules::error(DraftRules::messageFor(404))));
check('400 body', '{"message":"Error occurred","_embedded":{"errors":[{"path":"user","message":"`user` parameter is required","source":"JSON"}]}}',
    json_encode(DraftRules::error(DraftRules::messageFor(400), DraftRules::problems(['text' => 'x', 'ifVersion' => 'y'], true))));
check('412 body', '{"message":"The draft has changed","version":"abc","_embedded":{"errors":[]}}',
    json_encode(DraftRules::error(DraftRules::messageFor(412), [], ['version' => 'abc'])));

// --- describe ----------------------------------------------------------------------------------------------------------------------
$bot = ['id' => '2', 'first_name' => 'Bot', 'last_name' => 'Assistant', 'email' => 'bot@example.com', 'password' => 'secret'];
$described = DraftRules::describe([
    'row' => row(), 'to' => [1 => 'c@example.com'], 'cc' => [], 'createdBy' => $bot, 'editedBy' => null, 'editedAt' => null,
    'createdAt' => new DateTime('2026-07-01 10:00:00', new DateTimeZone('Europe/Berlin')),
    'updatedAt' => new DateTimeImmutable('2026-01-01 10:00:00', new DateTimeZone('Europe/Berlin')),
]);
check('described', [
    'id' => 7, 'body' => '<div>Hello</div>', 'to' => ['c@example.com'], 'cc' => [],
    'createdBy' => ['id' => 2, 'type' => 'user', 'firstName' => 'Bot', 'lastName' => 'Assistant', 'email' => 'bot@example.com'],
    'editedBy' => null, 'editedAt' => null, 'createdAt' => '2026-07-01T08:00:00Z', 'updatedAt' => '2026-01-01T09:00:00Z', 'version' => $v,
], $described);
check('a draft without text, author or dates', ['', null, null],
    array_values(array_intersect_key(DraftRules::describe(['row' => row(['body' => null]), 'to' => [], 'cc' => []]), ['body' => 1, 'createdBy' => 1, 'createdAt' => 1])));
check('lists are lists in JSON', '["c@example.com"]', json_encode($described['to']));

// --- the send guard's trick ----------------------------------------------------------------------------------------------------------
foreach ([null, '', '0', 'x'] as $value) {
    $unlike = DraftRules::unlike(['body' => $value, 'id' => 7], ['body' => $value, 'id' => 7]);
    check('looks changed: '.json_encode($value), false, $unlike['body'] === $value);
    check('nothing else does', 7, $unlike['id']);
}
check('columns that were not read are left alone', ['id' => 7], DraftRules::unlike(['id' => 7], ['id' => 7]));

// --- the module's own papers -----------------------------------------------------------------------------------------------------------
$module = json_decode((string) file_get_contents(__DIR__.'/../module.json'), true);
check('module.json says the version that the API says', DraftRules::VERSION, $module['version'] ?? null);
check('module.json: alias', 'csmdrafts', $module['alias'] ?? null);
check('module.json: provider', ['Modules\CsmDrafts\Providers\CsmDraftsServiceProvider'], $module['providers'] ?? null);
check('composer.json is valid', 'AGPL-3.0-only', json_decode((string) file_get_contents(__DIR__.'/../composer.json'), true)['license'] ?? null);

echo "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
