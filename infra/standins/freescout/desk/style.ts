/** The desk page's one stylesheet. */
export const style = `
:root {
  --ink: #1c2333; --soft: #5b6478; --faint: #8a92a6; --line: #e4e7ee; --ground: #f5f6fa; --card: #fff;
  --accent: #4353d8; --accent-soft: #eceefd; --note: #fff8e1; --note-line: #f0dfa4;
  --draft: #f6f2ff; --draft-line: #b9a5ee; --draft-ink: #5b3fb0; --good: #18794e; --good-soft: #e3f6ec; --bad: #b42334; --bad-soft: #fdeaec;
  --warm: #9a5b00; --warm-soft: #fff0da; --radius: 12px; --shadow: 0 1px 2px rgba(20, 28, 56, .05), 0 4px 16px rgba(20, 28, 56, .05);
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); background: var(--ground); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
h1, h2, h3, p { margin: 0; }
h1 { font-size: 22px; line-height: 1.3; letter-spacing: -.01em; }
h2 { font-size: 13px; font-weight: 600; color: var(--soft); }
.page { max-width: 1120px; margin: 0 auto; padding: 0 20px 64px; }

.bar { background: var(--card); border-bottom: 1px solid var(--line); }
.bar > div { max-width: 1120px; margin: 0 auto; padding: 12px 20px; display: flex; align-items: center; gap: 14px; }
.brand { white-space: nowrap; display: flex; align-items: center; gap: 10px; font-weight: 650; color: var(--ink); }
.brand:hover { text-decoration: none; }
.brand svg { display: block; }
.hint { color: var(--faint); font-size: 13px; }
.grow { flex: 1; }
.me { display: flex; align-items: center; gap: 8px; color: var(--soft); font-size: 13px; }

.flow { display: grid; grid-template-columns: repeat(6, 1fr); gap: 0; margin: 20px 0 24px; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: var(--shadow); overflow: hidden; padding: 0; list-style: none; }
.flow li { position: relative; padding: 14px 14px 14px 20px; font-size: 13px; color: var(--soft); line-height: 1.4; }
.flow li + li::before { content: ""; position: absolute; left: -7px; top: 50%; width: 13px; height: 13px; border-right: 1.5px solid var(--line); border-top: 1.5px solid var(--line); transform: translateY(-50%) rotate(45deg); background: var(--card); }
.flow b { display: block; color: var(--ink); font-size: 14px; font-weight: 620; }
.flow .you { background: var(--accent-soft); }
.flow .you b { color: var(--accent); }

.button, button { appearance: none; display: inline-flex; align-items: center; gap: 6px; border: 1px solid var(--line); background: var(--card); color: var(--ink); border-radius: 8px; padding: 7px 13px; font: inherit; font-size: 14px; font-weight: 550; line-height: 1.3; cursor: pointer; white-space: nowrap; }
.button:hover, button:hover { border-color: #c9cedc; background: #fafbfd; text-decoration: none; }
.primary { background: var(--accent); border-color: var(--accent); color: #fff; }
.primary:hover { background: #3644bd; border-color: #3644bd; }
.quiet { border-color: transparent; background: transparent; color: var(--soft); }
.danger { color: var(--bad); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.head { display: flex; align-items: center; gap: 12px; margin-bottom: 14px; flex-wrap: wrap; }
.tabs { display: flex; gap: 4px; }
.tabs a { padding: 5px 11px; border-radius: 8px; color: var(--soft); font-size: 14px; }
.tabs a[aria-current] { background: #e8eaf2; color: var(--ink); font-weight: 600; }
.tabs a:hover { text-decoration: none; color: var(--ink); }

.list { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: var(--shadow); overflow: hidden; }
.row { display: grid; grid-template-columns: 40px minmax(0, 1fr) auto; gap: 14px; padding: 14px 18px; color: inherit; align-items: start; }
.row + .row { border-top: 1px solid var(--line); }
.row:hover { background: #fafbfe; text-decoration: none; }
.row .who { color: var(--soft); font-size: 13px; }
.row .subject { font-weight: 620; overflow-wrap: anywhere; }
.row .preview { color: var(--soft); font-size: 14px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.row .chips { margin-top: 7px; }
.row .side { text-align: right; display: flex; flex-direction: column; gap: 6px; align-items: flex-end; color: var(--faint); font-size: 13px; white-space: nowrap; }
.empty { padding: 56px 20px; text-align: center; color: var(--soft); }
.empty b { display: block; color: var(--ink); font-size: 17px; margin-bottom: 4px; }
.empty .button { margin-top: 16px; }

.avatar { width: 36px; height: 36px; border-radius: 50%; display: grid; place-items: center; font-size: 13px; font-weight: 650; color: #33407f; background: #dfe4fb; flex: none; }
.avatar.agent { color: #14613f; background: #d4efe1; }
.avatar.bot { color: var(--draft-ink); background: #e7defb; }
.avatar.small { width: 26px; height: 26px; font-size: 11px; }

.chips { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.chip { display: inline-flex; align-items: center; gap: 5px; border-radius: 999px; padding: 1px 9px; font-size: 12.5px; font-weight: 550; line-height: 1.6; background: #eef0f5; color: #454e63; }
.chip.lead { background: var(--good-soft); color: var(--good); }
.chip.customer { background: #e5effd; color: #1d5296; }
.chip.urgent { background: var(--bad-soft); color: var(--bad); }
.chip.soon { background: var(--warm-soft); color: var(--warm); }
.chip.draft { background: var(--draft-ink); color: #fff; }
.chip.status-active { background: var(--good-soft); color: var(--good); }
.chip.status-pending { background: var(--warm-soft); color: var(--warm); }
.chip.status-spam, .chip.status-deleted { background: var(--bad-soft); color: var(--bad); }

.conversation { display: grid; grid-template-columns: minmax(0, 1fr) 300px; gap: 24px; align-items: start; margin-top: 22px; }
.title { margin-bottom: 16px; }
.title .chips { margin-top: 8px; }
.back { display: inline-block; font-size: 13px; color: var(--soft); margin-bottom: 8px; }
.thread { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); margin-bottom: 14px; box-shadow: var(--shadow); }
.thread header { display: flex; gap: 10px; align-items: center; padding: 12px 18px 0; flex-wrap: wrap; }
.thread header .name { font-weight: 620; }
.thread header .what { color: var(--faint); font-size: 13px; }
.thread header time { margin-left: auto; color: var(--faint); font-size: 13px; }
.thread .copies { padding: 2px 18px 0 54px; color: var(--faint); font-size: 13px; overflow-wrap: anywhere; }
.body { padding: 10px 18px 16px 54px; overflow-wrap: anywhere; }
.body p { margin: 0 0 .8em; } .body p:last-child { margin-bottom: 0; }
.body blockquote { margin: 8px 0 0; padding: 2px 0 2px 12px; border-left: 3px solid var(--line); color: var(--soft); }
.body ul, .body ol { margin: 4px 0; padding-left: 22px; }
.body table { border-collapse: collapse; } .body td, .body th { padding: 2px 10px 2px 0; text-align: left; vertical-align: top; }
.body pre { white-space: pre-wrap; }
.thread.note { background: var(--note); border-color: var(--note-line); box-shadow: none; }
.thread.note header .what { color: #8a6d1a; font-weight: 600; }
.thread.draft { background: var(--draft); border: 1.5px dashed var(--draft-line); box-shadow: none; }
.thread.draft header .what { color: var(--draft-ink); font-weight: 620; }
.line { text-align: center; color: var(--faint); font-size: 13px; margin: 4px 0 16px; }
.files { display: flex; flex-wrap: wrap; gap: 8px; padding: 0 18px 16px 54px; }
.files a { border: 1px solid var(--line); border-radius: 8px; padding: 4px 10px; font-size: 13px; color: var(--ink); background: #fafbfd; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 0 18px 16px 54px; }
.actions form { display: contents; }
.actions .hint { margin-left: auto; }

.editor { margin: 8px 18px 14px 54px; }
.editor .canvas { background: #fff; border: 1px solid var(--draft-line); border-radius: 10px; padding: 12px 14px; min-height: 150px; overflow-wrap: anywhere; }
.editor .tools { display: flex; gap: 4px; margin-bottom: 6px; }
.editor .tools button { padding: 3px 10px; font-size: 13px; min-width: 32px; justify-content: center; }
.editor textarea { min-height: 150px; }
.editor .foot { display: flex; gap: 8px; flex-wrap: wrap; align-items: center; margin-top: 10px; }

.panel { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 16px 18px; margin-bottom: 16px; box-shadow: var(--shadow); }
.panel h2 { margin-bottom: 10px; color: var(--ink); font-size: 14px; }
.panel p.hint { margin: 0 0 10px; }
.panel dl + .inline { margin-top: 10px; }
.panel dl { margin: 0; display: grid; gap: 6px; font-size: 14px; }
.panel dt { color: var(--faint); font-size: 12.5px; } .panel dd { margin: 0 0 4px; overflow-wrap: anywhere; }
.stack { display: flex; flex-direction: column; gap: 10px; }
.inline { display: flex; flex-wrap: wrap; gap: 8px; }
.compose { margin-top: 22px; }
.compose details { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); margin-bottom: 10px; }
.compose summary { cursor: pointer; padding: 11px 18px; font-weight: 570; color: var(--soft); list-style: none; }
.compose summary::-webkit-details-marker { display: none; }
.compose summary::before { content: "+"; display: inline-block; width: 18px; color: var(--faint); }
.compose details[open] summary::before { content: "–"; }
.compose form { padding: 0 18px 16px; }
.customer-side { border-top: 3px solid #7fa6e8; }

label { display: block; font-size: 13px; color: var(--soft); }
input, textarea, select { width: 100%; font: inherit; font-size: 15px; color: var(--ink); background: #fff; border: 1px solid #d5d9e4; border-radius: 8px; padding: 8px 11px; margin-top: 3px; }
select { width: auto; padding-right: 28px; }
textarea { min-height: 96px; resize: vertical; line-height: 1.5; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
.narrow { max-width: 680px; margin: 24px auto 0; }

.notice { display: flex; gap: 12px; align-items: center; border-radius: 10px; padding: 10px 16px; margin: 18px 0 0; background: var(--good-soft); color: #10583a; flex-wrap: wrap; }
.notice.problem { background: var(--bad-soft); color: var(--bad); }
.notice.waiting { background: var(--accent-soft); color: #2c389d; }
.fresh { position: fixed; bottom: 20px; left: 50%; transform: translateX(-50%); box-shadow: 0 8px 24px rgba(20, 28, 56, .2); }
[hidden] { display: none !important; }

@media (max-width: 860px) {
  .conversation { grid-template-columns: minmax(0, 1fr); }
  .flow { display: flex; overflow-x: auto; }
  .flow li { flex: 0 0 150px; }
  .body, .files, .actions { padding-left: 18px; } .thread .copies { padding-left: 18px; } .editor { margin-left: 18px; }
  .bar .hint, .me span:last-child { display: none; }
}
@media (max-width: 520px) {
  .page { padding: 0 14px 48px; }
  .bar .button { padding: 6px 10px; font-size: 13px; } .me { display: none; }
  .thread header time { margin-left: 36px; width: 100%; }
  .bar > div { padding: 10px 14px; }
  .row { grid-template-columns: minmax(0, 1fr) auto; padding: 12px 14px; } .row .avatar { display: none; }
  .two { grid-template-columns: 1fr; }
  .actions .hint { margin-left: 0; width: 100%; }
}
`;
