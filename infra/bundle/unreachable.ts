/**
 * Stands in for a package that is imported by another one and never called on our paths. The bundle carries a call that fails
 * loudly instead of 8 to 100 kB of code. `dayjs`, of which a helper of sanitize-html formats dates that we never give it, has no
 * named export to stand here; nor has `bowser`, with which the AWS SDK reads the user agent of a browser.
 */
function notBundled(): never {
  throw new Error('This package is left out of the bundle: nothing was expected to call it.');
}

/** `postcss`: sanitize-html parses style attributes with it, which no mail keeps. */
export const parse = notBundled;

/** `@aws-sdk/endpoint-cache`: made by DynamoDB's client and used for the discovery of endpoints, which is off. */
export class EndpointCache {
  readonly get = notBundled;
  readonly set = notBundled;
  readonly has = notBundled;
}

/** `@smithy/core/event-streams`: answers that arrive as a stream of events, which no service that we call gives. */
export const EventStreamSerde = notBundled;
export const eventStreamSerdeProvider = notBundled;

/** `gcp-metadata`: credentials of machines in Google's cloud. */
export const instance = notBundled;
export const universe = notBundled;
export const isAvailable = notBundled;
export const getGCPResidency = notBundled;
