/**
 * Stands in for `https-proxy-agent`: Node's own fetch takes no agent. Where calls have to go through a proxy, Node itself is told
 * so, for all of them.
 *
 * @see https://nodejs.org/docs/latest-v24.x/api/cli.html#node_use_env_proxy1
 */
export class HttpsProxyAgent {}
