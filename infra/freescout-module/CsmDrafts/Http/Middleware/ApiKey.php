<?php

namespace Modules\CsmDrafts\Http\Middleware;

use Closure;
use Modules\CsmDrafts\Support\DraftRules;

/**
 * The key of the API & Webhooks module, sent in the X-FreeScout-API-Key header.
 *
 * The key is asked from that module for every request, so regenerating it there takes effect here at once. Unlike there it is
 * not accepted as a request parameter: URLs end up in access logs. Without an active API & Webhooks module there is no key, and
 * these routes answer as if they did not exist.
 */
class ApiKey
{
    const API_MODULE = 'Modules\ApiWebhooks\Providers\ApiWebhooksServiceProvider';

    public function handle($request, Closure $next)
    {
        if (!\Module::isActive('apiwebhooks') || !method_exists(self::API_MODULE, 'getApiKey')) {
            return response()->json(DraftRules::error('Not Found'), 404);
        }

        $expected = call_user_func([self::API_MODULE, 'getApiKey']);

        if (!DraftRules::keyMatches($expected, $request->header('X-FreeScout-API-Key'))) {
            return response()->json(['message' => 'Not Authorized'], 401);
        }

        return $next($request);
    }
}
