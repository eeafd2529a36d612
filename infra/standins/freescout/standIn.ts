import { randomBytes } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { serveOnLoopback } from '#infra/standins/serveOnLoopback.ts';
import { createFreeScoutApp } from './api.ts';
import { type CustomerSide, customerSide, type SubmitCustomerMail } from './customerSide.ts';
import { createDeskPage } from './desk/page.ts';
import { createFaultControl } from './faultControl.ts';
import { createInspectionApp } from './inspection.ts';
import { createHelpDesk, defaultAgent, type HelpDesk, type HelpDeskOptions } from './model.ts';
import type { WebhookDelivery } from './records.ts';
import { registerWebhook } from './webhooks.ts';

export type StandInOptions = Omit<HelpDeskOptions, 'deliverWebhook' | 'clock'> & {
  /** 0 or absent: any free port. */
  port?: number;
  /** Random when absent, 32 hex characters like FreeScout's. */
  apiKey?: string;
  /** Takes the mails that customers write on the desk page; without it the help desk fetches them itself. */
  submitCustomerMail?: SubmitCustomerMail;
  /** The user whom the desk page acts as. */
  agentId?: number;
};

export type FreeScoutStandIn = {
  /** e.g. `http://127.0.0.1:4001`; the API is below `/api`. */
  url: string;
  apiKey: string;
  webhookSecret: string;
  model: HelpDesk;
  customers: CustomerSide;
  /** Has the events posted to `url` from now on; all of FreeScout's conversation events when none are named. */
  registerWebhook(url: string, events?: readonly string[]): void;
  close(): Promise<void>;
};

const usualEvents = [
  'convo.created',
  'convo.customer.reply.created',
  'convo.agent.reply.created',
  'convo.note.created',
  'convo.status',
  'convo.assigned',
  'convo.deleted',
  'convo.deleted_forever',
  'convo.restored',
  'convo.moved',
  'customer.created',
  'customer.updated',
];

/** FreeScout's own limit for a receiver, milliseconds. */
const webhookTimeout = 30_000;

async function post({ url, body, headers }: WebhookDelivery): Promise<number> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(webhookTimeout),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}

/** Starts the stand-in on 127.0.0.1. Rejects when the port is taken. */
export async function startFreeScoutStandIn(options: StandInOptions = {}): Promise<FreeScoutStandIn> {
  const apiKey = options.apiKey ?? randomBytes(16).toString('hex');
  const webhookSecret = options.webhookSecret ?? randomBytes(16).toString('hex');
  const model = createHelpDesk({ ...options, webhookSecret, deliverWebhook: post });
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.route('/', createFreeScoutApp(model, { apiKey }));
  app.route('/', createInspectionApp(model));
  app.route('/', createFaultControl(model.faults));
  const customers = customerSide(model, options.submitCustomerMail);
  app.route('/', createDeskPage(model, customers, options.agentId ?? defaultAgent));
  const { server, port } = await serveOnLoopback(app, options.port ?? 0);
  const url = `http://127.0.0.1:${port}`;
  model.publicUrl.value = url;
  return {
    url,
    apiKey,
    webhookSecret,
    model,
    customers,
    registerWebhook: (target, events = usualEvents) => {
      registerWebhook(model, target, events);
    },
    close: () =>
      new Promise((resolve) => {
        model.webhooks.clear();
        for (const { cancel } of model.pendingSends.values()) {
          cancel();
        }
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
