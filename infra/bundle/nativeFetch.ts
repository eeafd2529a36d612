/**
 * Stands in for `node-fetch`, which Google's client loads when it is given no other fetch. Node has its own since version 18.
 *
 * @see https://nodejs.org/docs/latest-v24.x/api/globals.html#fetch
 */
// biome-ignore lint/style/noDefaultExport: the package it stands in for is imported by its default export.
export default globalThis.fetch;
