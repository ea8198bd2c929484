import { AllpairsError } from '../../errors.js';

/** A job cannot be made, or go on, for a reason that a person can do something about. */
export class JobError extends AllpairsError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_ALLPAIRS_JOB', message, options);
  }
}
