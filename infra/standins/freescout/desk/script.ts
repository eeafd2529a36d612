/**
 * The desk page's script: an editor that keeps HTML as the browser writes it and saves what was typed every twelve seconds and when
 * it loses the focus, like FreeScout's, a countdown, and a quiet refresh that never takes away what somebody is writing. The page works
 * without it.
 */
export const script = `
'use strict';
const pill = document.querySelector('.fresh');
const editors = [...document.querySelectorAll('form[data-editor]')].map(startEditor);

/** Makes rich text of an editor's HTML; the result saves what was typed and tells whether it is safe now. */
function startEditor(form) {
  const area = form.querySelector('textarea[name=body]');
  const canvas = form.querySelector('.canvas');
  const state = form.querySelector('.saved');
  canvas.innerHTML = area.value;
  canvas.hidden = false;
  form.querySelector('.tools').hidden = false;
  area.hidden = true;
  for (const tool of form.querySelectorAll('.tools button')) {
    tool.addEventListener('mousedown', (event) => event.preventDefault());
    tool.addEventListener('click', () => document.execCommand(tool.dataset.command));
  }
  // The browser writes HTML differently: what nobody changed must stay as it was stored.
  const unchanged = canvas.innerHTML;
  let touched = false;
  const take = () => {
    touched ||= canvas.innerHTML !== unchanged;
    if (touched) area.value = canvas.innerHTML;
  };
  let stored = area.value;
  let ended = false;
  async function store() {
    take();
    const text = area.value;
    if (ended || text === stored) return true;
    const body = new URLSearchParams({ body: text });
    const headers = { Accept: 'application/json' };
    // It outlives the page that somebody leaves, which browsers allow for 64 kB.
    const keepalive = text.length < 16_000;
    const answer = await fetch(form.dataset.save, { method: 'POST', body, headers, keepalive }).catch(() => null);
    if (answer?.ok) {
      stored = text;
      state.textContent = 'Saved';
      return true;
    }
    if (answer === null) state.textContent = 'Not saved yet: the desk does not answer.';
    else { state.textContent = 'Not saved: this draft has changed or is gone. Reload the page.'; ended = true; }
    return false;
  }
  let latest = Promise.resolve();
  const save = () => (latest = latest.then(store));
  setInterval(save, Math.max(400, Number(form.dataset.autosave)));
  canvas.addEventListener('blur', save);
  addEventListener('beforeunload', save);
  form.querySelector('a.close').addEventListener('click', async (event) => {
    event.preventDefault();
    if (await save()) location.href = event.target.href;
  });
  form.addEventListener('submit', (event) => {
    take();
    // What is sent goes as the browser writes it, as FreeScout's does.
    if (event.submitter?.formAction.endsWith('/send')) area.value = canvas.innerHTML;
    ended = true;
  });
  canvas.focus();
  return save;
}

setInterval(() => {
  for (const left of document.querySelectorAll('[data-seconds]')) {
    const seconds = Number(left.textContent) - 1;
    if (seconds > 0) left.textContent = String(seconds);
    else { left.removeAttribute('data-seconds'); refresh(); }
  }
}, 1000);

// Forms come and go with the refresh, the document stays.
document.addEventListener('submit', (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

pill.addEventListener('click', async () => {
  const saved = await Promise.all(editors.map((save) => save()));
  if (saved.every(Boolean)) location.reload();
});

/** What makes up the conversation around an open editor, without the words and the age of each message. */
const outlineOf = (part) =>
  part.querySelector('.title')?.textContent + [...part.querySelectorAll('[data-thread], .line')].map(({ dataset }) => dataset.thread);

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  revision = page.body.dataset.revision;
  for (const part of document.querySelectorAll('[data-live]')) {
    const fresh = page.querySelector('[data-live="' + part.dataset.live + '"]');
    if (!fresh) continue;
    if (part.querySelector('[data-editor]')) {
      if (outlineOf(fresh) !== outlineOf(part)) pill.hidden = false;
    } else if (fresh.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.replaceWith(fresh);
  }
}

let revision = document.body.dataset.revision;
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch('/desk/revision').catch(() => null);
  if (answer?.ok && (await answer.text()) !== revision) refresh();
}, 2000);
`;
