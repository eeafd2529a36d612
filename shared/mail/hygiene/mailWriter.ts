import type { Remark } from '#shared/intake/remark.ts';
import { domainOf, type MailAddress } from '#shared/mail/parsing/addresses.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { forwardedAuthors } from '#shared/mail/replies/forwardedMail.ts';
import { answeredNotification } from '#shared/mail/replies/replyIds.ts';
import { isProvenFrom } from './authenticationResults.ts';
import { automaticOriginOf } from './automaticReply.ts';
import { isMachineLike, isOfFormService, isWithin, mayBePersons } from './machineSender.ts';
import { isOurs, isOursOrAtOurDomain } from './ownAddresses.ts';
import { isPublicMailDomain } from './publicMailDomains.ts';

/** Who belongs to us. */
interface OwnPeople {
  /** In lower case. */
  readonly addresses: ReadonlySet<string>;
  /** Addresses of FreeScout's users, in lower case. */
  readonly users: ReadonlySet<string>;
}

/**
 * As what a mail was written. `form`: a person wrote it through a form or a machine. `machine`: a machine wrote it, and no person stands
 * behind it. `forward`: one of our own people passed on what a person wrote to them. `own`: we wrote it ourselves.
 */
type WrittenAs = 'person' | 'form' | 'machine' | 'forward' | 'own';

/** Who wrote a mail. */
export interface MailWriter {
  readonly as: WrittenAs;
  /** Whose conversation the mail starts; null when it names nobody. */
  readonly person: MailAddress | null;
  /** One of our own people sent it, and Google found that the domain of their address did. */
  readonly isProvenOwn: boolean;
  /** Why no draft is prepared although a person wrote it. */
  readonly noDraft: 'unproven-own' | 'forward-unreadable' | null;
  readonly remarks: readonly Remark[];
}

/**
 * Who wrote a mail: its sender, but for a form the person whom its Reply-To names, and for a forward by one of us the author of what is
 * forwarded. Nothing proves that these persons have anything to do with it. docs/intake.md tells the rules and where they come from.
 *
 * @param users - addresses of FreeScout's users, in lower case; without them only who writes from our domains is one of us.
 */
export function writerOf(
  mail: ParsedMail,
  ownAddresses: ReadonlySet<string>,
  users: ReadonlySet<string> = new Set(),
): MailWriter {
  const own: OwnPeople = { addresses: ownAddresses, users };
  return (
    writerThroughForm(mail, own) ??
    (mail.from === null ? null : (ownWriter(mail, mail.from, own) ?? machineWriter(mail, mail.from))) ??
    strangersMail(mail, own)
  );
}

/**
 * Whether it makes a difference for a mail of a person that they are a user of FreeScout. A proven user who neither forwards nor answers
 * a notification writes like everybody else.
 */
export function dependsOnUsers(mail: ParsedMail, writer: MailWriter): boolean {
  const { from } = mail;
  return (
    from !== null &&
    writer.as === 'person' &&
    writer.noDraft === null &&
    (mail.fromIsClaimed ||
      !isProvenFrom(mail, domainOf(from.address)) ||
      forwardedAuthors(mail) !== null ||
      answersNotification(mail))
  );
}

/** What most mails are: a person's, whom nothing has to be said of. */
function writtenByPerson(person: MailAddress | null): MailWriter {
  return { as: 'person', person, isProvenOwn: false, noDraft: null, remarks: [] };
}

/**
 * A form mails from its own or a machine's address and names in Reply-To the one person who filled it in. It answers nothing; but some
 * that mail from our own address name an id in References, which keeps mail programs from joining them.
 */
function writerThroughForm(mail: ParsedMail, own: OwnPeople): MailWriter | null {
  const { from } = mail;
  const answersNothing = mail.inReplyTo.length === 0 && mail.references.length === 0;
  const isOwnAddress = from !== null && isOurs(from.address, own.addresses);
  if (
    from === null ||
    !(answersNothing || isOwnAddress) ||
    !(
      isMachine(mail, from) ||
      isOfFormService(from.address) ||
      isOursOrAtOurDomain(from.address, own.addresses)
    )
  ) {
    return null;
  }
  const named = foreignPeople(mail, from, own);
  const [person] = named;
  if (person !== undefined && new Set(mail.replyTo.map(({ address }) => address)).size === 1) {
    const name = named.find((each) => each.name !== null)?.name ?? null;
    const remarks: readonly Remark[] = [{ code: 'written-through', address: from.address }];
    return { ...writtenByPerson({ ...person, name }), as: 'form', remarks };
  }
  // Several people are named, and a program that writes as us does not tell who of them wrote.
  return person !== undefined && isOwnAddress ? writtenByMachine(from) : null;
}

/** Those of Reply-To who are neither we nor a machine, nor at the domain of the form: that is the form's own. */
function foreignPeople(mail: ParsedMail, from: MailAddress, own: OwnPeople): readonly MailAddress[] {
  const formsDomain = domainOf(from.address);
  return mail.replyTo.filter(({ address }) => {
    const domain = domainOf(address);
    const isFormsOwn =
      address === from.address ||
      (!isPublicMailDomain(domain) && (isWithin(domain, formsDomain) || isWithin(formsDomain, domain)));
    return !isFormsOwn && !isOursOrAtOurDomain(address, own.addresses) && mayBePersons(address);
  });
}

function isMachine(mail: ParsedMail, from: MailAddress): boolean {
  return isMachineLike(from.address) || automaticOriginOf(mail) === 'generated';
}

function machineWriter(mail: ParsedMail, from: MailAddress): MailWriter | null {
  return isMachine(mail, from) ? writtenByMachine(from) : null;
}

function writtenByMachine(from: MailAddress): MailWriter {
  return { ...writtenByPerson(from), as: 'machine' };
}

/** null: its From names none of us, or a machine at our domain. */
function ownWriter(mail: ParsedMail, from: MailAddress, own: OwnPeople): MailWriter | null {
  const isOwnAddress = isOurs(from.address, own.addresses);
  const isOwnPerson =
    isOwnAddress || isOursOrAtOurDomain(from.address, own.addresses) || own.users.has(from.address);
  if (!isOwnPerson || (!isOwnAddress && isMachine(mail, from))) {
    return null;
  }
  const isProvenOwn = !mail.fromIsClaimed && isProvenFrom(mail, domainOf(from.address));
  // An answer to a notification quotes it and forwards nothing.
  const isToldOf = answersNotification(mail);
  const authors = isToldOf ? null : foreignAuthors(mail, own);
  const author = authors?.[0];
  if (isOwnAddress && !isToldOf) {
    return author === undefined
      ? { ...writtenByPerson(from), as: 'own', isProvenOwn }
      : forwarded(author, from, isProvenOwn);
  }
  if (!isProvenOwn) {
    return { ...writtenByPerson(from), noDraft: 'unproven-own', remarks: [unproven(from)] };
  }
  if (authors === null) {
    return { ...writtenByPerson(from), isProvenOwn };
  }
  return author === undefined
    ? {
        ...writtenByPerson(from),
        isProvenOwn,
        // An answer would go to the forwarder.
        noDraft: 'forward-unreadable',
        remarks: [{ code: 'forward-unreadable', address: from.address }],
      }
    : forwarded(author, from, isProvenOwn);
}

function answersNotification(mail: ParsedMail): boolean {
  return answeredNotification([...mail.inReplyTo, ...mail.references]) !== null;
}

/**
 * Those who are not of us among the authors of what is forwarded; null when nothing is. A stranger who is quoted and gets the mail is
 * answered: nothing is forwarded to us then.
 */
function foreignAuthors(mail: ParsedMail, own: OwnPeople): readonly MailAddress[] | null {
  const authors = forwardedAuthors(mail)?.filter(
    ({ address }) => !isOursOrAtOurDomain(address, own.addresses) && !own.users.has(address),
  );
  const recipients = new Set([...mail.to, ...mail.cc].map(({ address }) => address));
  return authors === undefined || authors.some(({ address }) => recipients.has(address)) ? null : authors;
}

function forwarded(author: MailAddress, from: MailAddress, isProvenOwn: boolean): MailWriter {
  const by: Remark = { code: 'forwarded-by', address: from.address };
  return {
    as: 'forward',
    person: author,
    isProvenOwn,
    noDraft: isProvenOwn ? null : 'unproven-own',
    remarks: isProvenOwn ? [by] : [by, unproven(from)],
  };
}

function unproven(from: MailAddress): Remark {
  return { code: 'unproven-own', address: from.address };
}

/** A stranger who forwards what somebody else wrote stays the customer: they are who asks us. */
function strangersMail(mail: ParsedMail, own: OwnPeople): MailWriter {
  const person = mail.from ?? mail.replyTo[0] ?? null;
  const author = forwardedAuthors(mail)?.find(({ address }) => address !== person?.address);
  return author === undefined || isOursOrAtOurDomain(author.address, own.addresses)
    ? writtenByPerson(person)
    : { ...writtenByPerson(person), remarks: [{ code: 'forward' }] };
}
