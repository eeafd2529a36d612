/**
 * Stands in for a package that is imported by another one and never called on our paths. The bundle carries a call that fails
 * loudly instead of 1 to 100 kB of code. `dayjs`, of which a helper of sanitize-html formats dates that we never give it, has no
 * named export to stand here; nor has `bowser`, with which the AWS SDK reads the user agent of a browser; nor has `parse-srcset`, with
 * which sanitize-html reads the sources of pictures, an element that no mail keeps.
 */
function throwingStub(): never {
  throw new Error('This package is left out of the bundle: nothing was expected to call it.');
}

/** `postcss`: sanitize-html parses style attributes with it, which no mail keeps. */
export const parse = throwingStub;

/** `@aws-sdk/endpoint-cache`: made by DynamoDB's client and used for the discovery of endpoints, which is off. */
export class EndpointCache {
  readonly get = throwingStub;
  readonly set = throwingStub;
  readonly has = throwingStub;
}

/** `@smithy/core/event-streams`: answers that arrive as a stream of events, which no service that we call gives. */
// biome-ignore lint/style/useNamingConvention: the class of the package that this stands in for has this name.
export const EventStreamSerde = throwingStub;
export const eventStreamSerdeProvider = throwingStub;

/** `base64-js`: google-auth-library signs with it in a browser. */
export const fromByteArray = throwingStub;
export const toByteArray = throwingStub;

/** `gcp-metadata`: credentials of machines in Google's cloud. */
export const instance = throwingStub;
export const universe = throwingStub;
export const isAvailable = throwingStub;
export const getGCPResidency = throwingStub;
