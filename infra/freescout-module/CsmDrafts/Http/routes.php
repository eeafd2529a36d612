<?php

use Illuminate\Support\Facades\Route;
use Modules\CsmDrafts\Http\Middleware\ApiKey;

// No session, no cookies, no CSRF token: the key in the header is the only way in.
// Ids are not constrained here, so that a malformed one gets the JSON 404 and not FreeScout's HTML page.
Route::group([
    'middleware' => [ApiKey::class],
    'prefix'     => \Helper::getSubdirectory(true).'api',
    'namespace'  => 'Modules\CsmDrafts\Http\Controllers',
], function () {
    Route::get('/csm', 'DraftsController@about');
    Route::get('/conversations/{conversationId}/drafts', 'DraftsController@index');
    Route::put('/conversations/{conversationId}/drafts/{threadId}', 'DraftsController@replace');
    Route::delete('/conversations/{conversationId}/drafts/{threadId}', 'DraftsController@withdraw');
});
