import { html, raw } from 'hono/html';
import { safeToShow } from '#infra/standins/freescout/browserHtml.ts';
import { friendlyAge } from '#infra/standins/freescout/clock.ts';
import type { CustomerSide } from '#infra/standins/freescout/customerSide.ts';
import { type DeskState, scaled, undoMilliseconds } from '#infra/standins/freescout/deskState.ts';
import { textOf } from '#infra/standins/freescout/outgoingMail.ts';
import { addressesOf, previewOf } from '#infra/standins/freescout/phpText.ts';
import {
  attachmentPath,
  fieldValuesOf,
  presentThread,
  sortedThreads,
  tagsOf,
  userName,
} from '#infra/standins/freescout/presentation.ts';
import {
  type ConversationRecord,
  fullName,
  mainEmail,
  type ThreadRecord,
} from '#infra/standins/freescout/records.ts';

type Html = ReturnType<typeof html>;

export type Message = { kind: 'notice' | 'problem'; text: string } | null;

const bubble = raw(
  '<svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true"><rect width="26" height="26" rx="8" fill="#4353d8"/><path d="M7 9.2A2.2 2.2 0 0 1 9.2 7h7.6A2.2 2.2 0 0 1 19 9.2v4.6a2.2 2.2 0 0 1-2.2 2.2H12l-3.4 3v-3A1.6 1.6 0 0 1 7 14.4Z" fill="#fff"/></svg>',
);

export function layout(
  desk: DeskState,
  page: { title: string; agentId: number; message: Message; content: Html },
): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title}</title>
<link rel="icon" href="/desk/icon.svg">
<link rel="stylesheet" href="/desk/style.css">
</head>
<body data-revision="${desk.revision.value}">
<div class="bar"><div>
  <a class="brand" href="/">${bubble} Support desk</a>
  <span class="hint">stands in for FreeScout on this machine</span>
  <span class="grow"></span>
  <a class="button" href="/customer-mails/new">Write as a customer</a>
  <span class="me"><span class="avatar agent small">${initials(userName(desk, page.agentId))}</span><span>${userName(desk, page.agentId)}, agent</span></span>
</div></div>
<div class="page">
${page.message === null ? '' : html`<div class="notice ${page.message.kind}" role="status">${page.message.text}</div>`}
${page.content}
</div>
<button class="primary fresh" type="button" hidden>Something new has arrived. Reload</button>
<script src="/desk/script.js" defer></script>
</body>
</html>`;
}

const initials = (name: string): string =>
  name
    .split(/[\s@.]+/)
    .slice(0, 2)
    .map((part) => part[0]?.toUpperCase() ?? '')
    .join('');

const flow = html`<ol class="flow" aria-label="How a message flows">
  <li><b>Mail</b>A customer writes to your Gmail address</li>
  <li><b>Ticket</b>It becomes one conversation here</li>
  <li><b>Tags</b>Kind and importance, set for you</li>
  <li><b>Note</b>The reasons, for your eyes only</li>
  <li><b>Draft</b>A reply is prepared, not sent</li>
  <li class="you"><b>You send</b>Nothing leaves before you press Send</li>
</ol>`;

const tagClasses: Readonly<Record<string, string>> = {
  lead: 'lead',
  customer: 'customer',
  p0: 'urgent',
  'high-priority': 'urgent',
  p1: 'soon',
  'followup-ready': 'soon',
};

const chips = (desk: DeskState, conversation: ConversationRecord): Html[] =>
  tagsOf(desk, conversation.id).map(
    ({ name }) => html`<span class="chip ${tagClasses[name] ?? ''}">${name}</span>`,
  );

const statusChip = ({ state, status }: ConversationRecord): Html => {
  const word = state === 'deleted' ? 'deleted' : status;
  return html`<span class="chip status-${word}">${word}</span>`;
};

const draftsOf = (desk: DeskState, conversationId: number): ThreadRecord[] =>
  (desk.threadsOf.get(conversationId) ?? []).filter(({ state }) => state === 'draft');

const customerName = (desk: DeskState, conversation: ConversationRecord): string => {
  const customer = desk.customers.get(conversation.customerId);
  return customer === undefined ? '' : fullName(customer);
};

export const folders = ['open', 'closed', 'other'] as const;
export type Folder = (typeof folders)[number];
const folderNames = { open: 'Open', closed: 'Closed', other: 'Spam and deleted' };

function inFolder({ state, status }: ConversationRecord, folder: Folder): boolean {
  if (state === 'deleted' || status === 'spam') {
    return folder === 'other';
  }
  return folder === (status === 'closed' ? 'closed' : 'open');
}

export function listView(desk: DeskState, folder: Folder): Html {
  const all = [...desk.conversations.values()];
  const shown = all
    .filter((conversation) => inFolder(conversation, folder))
    .toSorted((a, b) => (a.updatedAt === b.updatedAt ? b.id - a.id : a.updatedAt < b.updatedAt ? 1 : -1));
  return html`${flow}
<div data-live="list">
<div class="head"><h1>Conversations</h1><span class="grow"></span>
<nav class="tabs">${folders.map(
    (name) =>
      html`<a href="/?show=${name}" ${name === folder ? raw('aria-current="page"') : ''}>${folderNames[name]} ${all.filter((conversation) => inFolder(conversation, name)).length}</a>`,
  )}</nav></div>
<div class="list">${
    shown.length === 0
      ? html`<div class="empty"><b>${folder === 'open' ? 'No open conversations' : 'Nothing here'}</b>${
          folder === 'open'
            ? html`Write a mail as a customer and watch it arrive.<br><a class="button primary" href="/customer-mails/new">Write as a customer</a>`
            : ''
        }</div>`
      : shown.map((conversation) => listRow(desk, conversation))
  }</div></div>`;
}

/** FreeScout's own preview is the newest thread, which here is mostly the note; the customer's words tell more. */
function lastCustomerText(desk: DeskState, conversation: ConversationRecord): string {
  const newest = sortedThreads(desk, conversation.id).find(({ type }) => type === 'customer');
  return textOf(newest === undefined ? conversation.preview : previewOf(newest.body));
}

function listRow(desk: DeskState, conversation: ConversationRecord): Html {
  const name = customerName(desk, conversation);
  const drafts = draftsOf(desk, conversation.id).length;
  return html`<a class="row" href="/conversations/${conversation.id}">
  <span class="avatar">${initials(name)}</span>
  <span><span class="who">${name}</span><div class="subject">${conversation.subject || '(no subject)'}</div>
    <div class="preview">${lastCustomerText(desk, conversation)}</div>
    <div class="chips">${drafts > 0 ? html`<span class="chip draft">Draft ready</span>` : ''}${chips(desk, conversation)}</div></span>
  <span class="side"><span title="${conversation.updatedAt}">${friendlyAge(conversation.updatedAt, desk.clock.now())}</span>${statusChip(conversation)}</span>
</a>`;
}

export function conversationView(
  desk: DeskState,
  customers: CustomerSide,
  view: { conversation: ConversationRecord; editing: number | null; agentId: number },
): Html {
  const { conversation } = view;
  const threads = sortedThreads(desk, conversation.id).toSorted((a, b) =>
    a.createdAt === b.createdAt ? a.id - b.id : a.createdAt < b.createdAt ? -1 : 1,
  );
  const timeline = [
    ...threads.filter(({ state }) => state !== 'draft'),
    ...threads.filter(({ state }) => state === 'draft'),
  ];
  return html`<div class="conversation"><main>
<div data-live="timeline">
<div class="title"><a class="back" href="/">‹ All conversations</a><h1>${conversation.subject || '(no subject)'}</h1>
<div class="chips">${statusChip(conversation)}${chips(desk, conversation)}<span class="hint">#${conversation.id}</span></div></div>
${timeline.map((thread) => threadView(desk, thread, view))}
${pendingSend(desk, conversation)}
</div>
${composer(conversation)}
</main><aside>${sidebar(desk, customers, conversation)}</aside></div>`;
}

/** The reply that is about to leave, while it can still be taken back. */
function pendingSend(desk: DeskState, conversation: ConversationRecord): Html | string {
  const now = desk.clock.now().getTime();
  const waiting = [...desk.pendingSends].flatMap(([threadId, { sentAt }]) => {
    const left = Math.ceil((sentAt + scaled(desk, undoMilliseconds) - now) / 1000);
    return desk.threads.get(threadId)?.conversationId === conversation.id && left > 0
      ? [{ threadId, left }]
      : [];
  })[0];
  if (waiting === undefined) {
    return '';
  }
  return html`<div class="notice waiting" role="status">
<span>Your reply leaves in <b data-seconds="${waiting.left}">${waiting.left}</b> s.</span><span class="grow"></span>
<form method="post" action="/conversations/${conversation.id}/drafts/${waiting.threadId}/undo"><button type="submit">Undo</button></form></div>`;
}

function threadView(
  desk: DeskState,
  thread: ThreadRecord,
  view: { editing: number | null; agentId: number },
): Html {
  if (thread.type === 'lineitem') {
    return html`<p class="line">${presentThread(desk, thread).action.text.replace(/ conversation #\d+/, '')}, ${age(desk, thread)}</p>`;
  }
  const isDraft = thread.state === 'draft';
  const { name, avatar, address } = authorOf(desk, thread);
  const copies = thread.type === 'note' ? [] : addressesOf(thread.cc);
  const edited =
    isDraft && thread.editedByUserId !== null ? `, edited by ${userName(desk, thread.editedByUserId)}` : '';
  return html`<article class="thread ${isDraft ? 'draft' : thread.type}" id="thread-${thread.id}" data-thread="${thread.id}">
<header><span class="avatar small ${avatar}">${initials(name)}</span><span class="name">${name}</span><span class="what">${kindOf(thread, address)}${edited}</span><time datetime="${thread.createdAt}" title="${thread.createdAt}">${age(desk, thread)}</time></header>
${copies.length > 0 ? html`<div class="copies">Cc ${copies.join(', ')}</div>` : ''}
${
  isDraft && view.editing === thread.id
    ? editor(desk, thread)
    : html`<div class="body">${raw(safeToShow(thread.body))}</div>${files(desk, thread)}${isDraft ? draftActions(thread) : ''}`
}
</article>`;
}

/** The author of a thread as its header shows them; `address` is null for users. */
function authorOf(
  desk: DeskState,
  thread: ThreadRecord,
): { readonly name: string; readonly avatar: string; readonly address: string | null } {
  if (thread.sourceVia === 'customer') {
    const customer = desk.customers.get(thread.customerId ?? 0);
    return customer === undefined
      ? { name: '', avatar: '', address: '' }
      : { name: fullName(customer), avatar: '', address: mainEmail(customer) };
  }
  const isPerson = desk.users.get(thread.createdByUserId ?? 0)?.role === 'admin';
  return { name: userName(desk, thread.createdByUserId), avatar: isPerson ? 'agent' : 'bot', address: null };
}

/** Says what a thread is, beside the name of its author. */
function kindOf(thread: ThreadRecord, customerAddress: string | null): string {
  if (thread.state === 'draft') {
    return 'Draft – not sent';
  }
  if (thread.type === 'note') {
    return 'Internal note, customers never see it';
  }
  return customerAddress ?? 'Reply to the customer';
}

const age = (desk: DeskState, { createdAt }: ThreadRecord): string =>
  friendlyAge(createdAt, desk.clock.now());

const files = (desk: DeskState, thread: ThreadRecord): Html | string =>
  thread.attachments.length === 0
    ? ''
    : html`<div class="files">${thread.attachments
        .filter(({ inline }) => !inline)
        .map(
          (attachment) =>
            html`<a href="${attachmentPath(desk, attachment)}">${attachment.fileName} <span class="hint">${Math.ceil(attachment.size / 1024)} KB</span></a>`,
        )}</div>`;

function draftActions(thread: ThreadRecord): Html {
  const base = `/conversations/${thread.conversationId}/drafts/${thread.id}`;
  return html`<div class="actions">
<form method="post" action="${base}/send"><button class="primary" type="submit">Send</button></form>
<a class="button" href="/conversations/${thread.conversationId}?edit=${thread.id}">Edit</a>
<form method="post" action="${base}/discard" data-confirm="Discard this draft for good?"><button class="quiet danger" type="submit">Discard</button></form>
<span class="hint">You can undo sending for a few seconds.</span></div>`;
}

/**
 * The textarea holds the stored HTML byte for byte; the script lets the browser edit it as rich text. The link that leads here names no
 * place of the page: a browser that jumps to one takes the focus away from the editor.
 */
function editor(desk: DeskState, thread: ThreadRecord): Html {
  const base = `/conversations/${thread.conversationId}/drafts/${thread.id}`;
  return html`<form class="editor" method="post" action="${base}/save" data-editor data-save="${base}/save" data-autosave="${scaled(desk, 12_000)}">
<input type="hidden" name="lineEnds" value="browser">
<div class="tools" hidden><button type="button" data-command="bold" aria-label="Bold"><b>B</b></button><button type="button" data-command="italic" aria-label="Italic"><i>I</i></button><button type="button" data-command="insertUnorderedList">List</button></div>
<div class="canvas" contenteditable="true" role="textbox" aria-multiline="true" aria-label="Reply" hidden></div>
<textarea name="body" aria-label="Reply as HTML" autofocus>
${thread.body ?? ''}</textarea>
<div class="foot"><button class="primary" type="submit" formaction="${base}/send">Send</button>
<button type="submit">Save draft</button><a class="button quiet close" href="/conversations/${thread.conversationId}">Close editor</a>
<span class="hint saved">Saves itself every few seconds</span></div></form>`;
}

const composer = ({ id }: ConversationRecord): Html => html`<section class="compose">
<details><summary>Write your own reply</summary><form class="stack" method="post" action="/conversations/${id}/replies">
<textarea name="text" required aria-label="Reply" placeholder="Your reply to the customer"></textarea>
<div class="inline"><button class="primary" type="submit">Send reply</button>
<select name="status" aria-label="Status after sending"><option value="pending">and set pending</option><option value="closed">and close</option><option value="active">and keep active</option></select></div></form></details>
<details><summary>Add an internal note</summary><form class="stack" method="post" action="/conversations/${id}/notes">
<textarea name="text" required aria-label="Note" placeholder="Only your team sees this"></textarea>
<div><button type="submit">Add note</button></div></form></details></section>`;

function sidebar(desk: DeskState, customers: CustomerSide, conversation: ConversationRecord): Html {
  const customer = desk.customers.get(conversation.customerId);
  const name = customerName(desk, conversation);
  const answered = customers.answeredMail(conversation.id);
  const open = conversation.status === 'active' || conversation.status === 'pending';
  const cc = addressesOf(conversation.cc);
  const action = (status: string, label: string): Html =>
    html`<form method="post" action="/conversations/${conversation.id}/status"><input type="hidden" name="status" value="${status}"><button type="submit">${label}</button></form>`;
  return html`<div data-live="facts" class="panel"><h2>${name}</h2><dl>
<div><dt>E-mail</dt><dd>${customer?.emails.map(({ value }) => value).join(', ') || 'none'}</dd></div>
${cc.length > 0 ? html`<div><dt>In copy</dt><dd>${cc.join(', ')}</dd></div>` : ''}
<div><dt>Assigned to</dt><dd>${userName(desk, conversation.assigneeId) || 'nobody'}</dd></div>
${fieldValuesOf(desk, conversation).map(({ field, text }) => html`<div><dt>${field.name}</dt><dd>${text}</dd></div>`)}</dl>
<div class="inline">${open ? action('closed', 'Close') : action('active', 'Re-open')}${open ? action('spam', 'Spam') : ''}
${conversation.state === 'deleted' ? html`<form method="post" action="/conversations/${conversation.id}/restore"><button type="submit">Restore</button></form>` : ''}</div></div>
<div class="panel customer-side"><h2>The customer’s side</h2>
<p class="hint" data-live="customer-hint">${
    answered === undefined
      ? 'No reply has reached the customer yet. They can still write again.'
      : `They have your mail “${answered.subject}” and can answer it.`
  } It arrives through Gmail, like any mail.</p>
<form class="stack" method="post" action="/conversations/${conversation.id}/customer-reply">
<textarea name="text" required aria-label="Mail from the customer" placeholder="Write as ${name}"></textarea>
<div data-live="customer-button"><button type="submit">${answered === undefined ? 'Write again' : 'Answer the mail'}</button></div></form></div>`;
}

/** Mails to try the product with. */
export const examples = {
  lead: {
    label: 'A request for an offer',
    name: 'Clara Winter',
    email: 'clara.winter@lindenwerk.example',
    subject: 'Offer for 40 seats',
    text: 'Hello,\n\nwe are a team of 40 and would like to move to your product before the end of the quarter.\nCould you send us an offer and tell us whether an import from our old system is possible?\n\nBest regards\nClara Winter',
  },
  outage: {
    label: 'An urgent problem',
    name: 'Tom Becker',
    email: 'tom@becker-shop.example',
    subject: 'Checkout is down since this morning',
    text: 'Hi,\n\nsince 8 a.m. none of our customers can pay, every order ends with error 500.\nWe lose money every minute, please help us right away!\n\nTom',
  },
  newsletter: {
    label: 'A newsletter',
    name: 'Market Weekly',
    email: 'news@market-weekly.example',
    subject: 'Ten trends you should not miss',
    text: 'The ten trends of the week in one mail.\n\nUnsubscribe at any time.',
  },
} as const;

export function newMailView(desk: DeskState, example: (typeof examples)[keyof typeof examples] | null): Html {
  const mailboxes = [...desk.mailboxes.values()];
  return html`<div class="narrow"><a class="back" href="/">‹ All conversations</a>
<div class="panel customer-side"><h1>Write as a customer</h1>
<p class="hint">This mail goes to your Gmail address. Within seconds it appears here as a conversation, with tags, a note and a draft.</p>
<div class="inline" role="group" aria-label="Examples">${Object.entries(examples).map(
    ([key, { label }]) => html`<a class="button" href="/customer-mails/new?example=${key}">${label}</a>`,
  )}</div>
<form class="stack" method="post" action="/customer-mails" style="margin-top:16px">
<div class="two"><label>Name<input name="name" required value="${example?.name ?? ''}"></label>
<label>E-mail<input name="email" type="email" required value="${example?.email ?? ''}"></label></div>
<div class="two"><label>To<select name="to" style="width:100%">${mailboxes.map(({ email }) => html`<option>${email}</option>`)}</select></label>
<label>Cc<input name="cc" placeholder="optional"></label></div>
<label>Subject<input name="subject" required value="${example?.subject ?? ''}"></label>
<label>Message<textarea name="text" required rows="9">
${example?.text ?? ''}</textarea></label>
<div><button class="primary" type="submit">Send mail</button></div></form></div></div>`;
}

export const missingView = html`<div class="panel narrow"><h1>There is no such conversation</h1>
<p class="hint">It may have been deleted for good. <a href="/">All conversations</a></p></div>`;
