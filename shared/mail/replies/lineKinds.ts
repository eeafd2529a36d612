/** What a line of a mail is. */
export type LineKind = 'text' | 'blank' | 'quoted' | 'header' | 'signature' | 'rest';
