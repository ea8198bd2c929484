import { AllpairsError } from '../../errors.js';

/** A job cannot be created or continued, for a reason that the user can fix. */
export class JobError extends AllpairsError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_ALLPAIRS_JOB', message, options);
  }
}
