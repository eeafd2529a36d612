/** The system cannot start; the message is one line that says why and what to do. */
export class StartRefused extends Error {
  constructor(sentence: string) {
    super(sentence.replaceAll(/\s*\n\s*/g, ' '));
    this.name = 'StartRefused';
  }
}
