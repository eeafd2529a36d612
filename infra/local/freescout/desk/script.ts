/**
 * The desk page's script: an editor that keeps HTML as the browser writes it and saves itself every twelve seconds like
 * FreeScout's, a countdown, and a quiet refresh that never takes away what somebody is writing. The page works without it.
 */
export const script = `
'use strict';
const editors = () => [...document.querySelectorAll('form[data-editor]')];

for (const form of editors()) {
  const area = form.querySelector('textarea[name=body]');
  const canvas = form.querySelector('.canvas');
  canvas.innerHTML = area.value;
  canvas.hidden = false;
  form.querySelector('.tools').hidden = false;
  area.hidden = true;
  const take = () => { area.value = canvas.innerHTML; };
  for (const tool of form.querySelectorAll('.tools button')) {
    tool.addEventListener('mousedown', (event) => event.preventDefault());
    tool.addEventListener('click', () => document.execCommand(tool.dataset.command));
  }
  form.addEventListener('submit', take);
  let saved = null;
  const state = form.querySelector('.saved');
  const every = Math.max(400, Number(form.dataset.autosave));
  const timer = setInterval(async () => {
    take();
    if (area.value === saved) return;
    const text = area.value;
    const fields = new URLSearchParams({ body: text });
    const answer = await fetch(form.dataset.save, { method: 'POST', body: fields, headers: { Accept: 'application/json' } }).catch(() => null);
    if (answer?.ok) { saved = text; state.textContent = 'Saved'; }
    else { state.textContent = 'Not saved: this draft has changed or is gone. Reload the page.'; clearInterval(timer); }
  }, every);
  form.addEventListener('submit', () => clearInterval(timer));
  canvas.focus();
}

for (const left of document.querySelectorAll('[data-seconds]')) {
  let seconds = Number(left.dataset.seconds);
  const timer = setInterval(() => {
    seconds -= 1;
    if (seconds <= 0) { clearInterval(timer); refresh(true); return; }
    left.textContent = String(seconds);
  }, 1000);
}

for (const form of document.querySelectorAll('form[data-confirm]')) {
  form.addEventListener('submit', (event) => { if (!confirm(form.dataset.confirm)) event.preventDefault(); });
}

let revision = document.body.dataset.revision;
const pill = document.querySelector('.fresh');
pill?.addEventListener('click', () => location.reload());

async function refresh(force) {
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  revision = page.body.dataset.revision;
  if (!force && editors().length > 0) { pill.hidden = false; return; }
  for (const part of document.querySelectorAll('[data-live]')) {
    const fresh = page.querySelector('[data-live="' + part.dataset.live + '"]');
    if (fresh && fresh.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.replaceWith(fresh);
  }
}

setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch('/desk/revision').catch(() => null);
  if (answer?.ok && (await answer.text()) !== revision) refresh(false);
}, 2000);
`;
