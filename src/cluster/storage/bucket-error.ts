// Turns what the server of a bucket refuses into helpful errors. They contain only names and status codes, because messages of the
// server or the SDK may contain keys, signatures and tokens.

import { AllpairsError } from '../../errors.js';

export class BucketError extends AllpairsError {
  /** HTTP status; undefined if no response arrived. */
  readonly status: number | undefined;
  /** The server's name for the error, such as NoSuchBucket. */
  readonly reason: string;

  constructor(message: string, status: number | undefined, reason: string) {
    super('ERR_ALLPAIRS_STORAGE', message);
    this.status = status;
    this.reason = reason;
  }
}

/** An attempt that timed out. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

interface Failure {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Errors for which the same request may succeed later, whatever their status. */
const PASSING = new Set([
  'SlowDown',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'InternalError',
  'ServiceUnavailable',
  'ThrottlingException',
  'ConditionalRequestConflict',
  'OperationAborted',
]);

const NO_KEYS = /^(Credentials|Token)ProviderError$/;

/** True for no response, a partial response, or one that asks to retry later. */
export function isPassing(error: unknown): boolean {
  const { status, reason } = describe(error);
  if (NO_KEYS.test(reason)) return false;
  if (PASSING.has(reason) || status === undefined || status === 408 || status === 429) return true;
  return status < 300 || (status >= 500 && status !== 501);
}

/** Returns the error for a request about `place` after `attempts` attempts. */
export function explain(error: unknown, place: string, attempts: number): BucketError {
  const { status, reason } = describe(error);
  const tried = attempts > 1 ? `, after ${attempts} attempts` : '';
  return new BucketError(`${place}: ${sentenceFor(status, reason)}${tried}`, status, reason);
}

function describe(error: unknown): { status: number | undefined; reason: string } {
  const { name = '', code, $metadata } = error as Failure;
  // Network errors have a code. They may occur in the middle of a response, whose status then means nothing.
  const broken = code !== undefined && /^E[A-Z_]+$/.test(code);
  const reason = broken ? code : name;
  return { status: broken ? undefined : $metadata?.httpStatusCode, reason: /^\w{1,60}$/.test(reason) ? reason : 'unknown' };
}

const REFUSED_KEYS = /^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired)$/;
const ELSEWHERE = /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/;

function sentenceFor(status: number | undefined, reason: string): string {
  if (NO_KEYS.test(reason)) {
    return 'no credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the machine a role';
  }
  if (reason === 'NoSuchBucket')
    return 'there is no such bucket; create it, or check its name, AWS_ENDPOINT_URL and AWS_REGION';
  if (REFUSED_KEYS.test(reason)) {
    return `the credentials were refused (${reason}); check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or sign in again`;
  }
  if (ELSEWHERE.test(reason) || status === 301)
    return `the bucket is in another region (${reason}); set AWS_REGION to its region`;
  if (status === 401 || status === 403) {
    return `access denied (${reason}); the credentials need s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject`;
  }
  if (reason === 'NoAnswer') return 'the server took too long to answer; check the network and AWS_ENDPOINT_URL';
  if (status === undefined) return `the server could not be reached (${reason}); check the network and AWS_ENDPOINT_URL`;
  return `the server answered ${status} (${reason})`;
}
