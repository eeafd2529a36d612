/** What a browser shows on a line of its own, or in a place of its own. */
export const blocks: ReadonlySet<string> = new Set(
  'address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main nav ol p pre search section summary table td th tr ul'.split(
    ' ',
  ),
);
