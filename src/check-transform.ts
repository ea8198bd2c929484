// Checks the options that transform rows.

import { describe, fail, refuse } from './argument.js';
import { TRANSFORM_OPTIONS } from './call-syntax.js';
import type { Problem } from './problem.js';
import type { AnyRows } from './rows/stored-rows.js';
import type { Options, TransformOptions } from './types.js';

/** Returns the transform to fit or to apply, or undefined if there is none. */
export function checkTransform(options: Options, { rows, depth }: AnyRows): Problem['transform'] {
  const { center, removeComponents = 0, whiten, transform } = options;
  for (const [name, value] of Object.entries({ center, whiten })) {
    if (value !== undefined && typeof value !== 'boolean') fail(name, 'true or false', describe(value));
  }
  if (!(Number.isSafeInteger(removeComponents) && removeComponents >= 0)) {
    fail('removeComponents', 'a whole number from 0', describe(removeComponents));
  }
  const fits = options.removeComponents !== undefined || whiten;
  if (transform !== undefined) {
    if (transform?.kind !== 'allpairs-transform' || transform.version !== 1) {
      fail('transform', 'what fitTransform returns', describe(transform));
    }
    const more = Object.keys(TRANSFORM_OPTIONS).find((name) => options[name as keyof TransformOptions] !== undefined);
    if (more !== undefined)
      refuse('transform', `\`transform\` is already fitted, so \`${more}\` cannot change it`, 'leave one of them out');
    if (rows > 0 && transform.depth !== depth) {
      fail('transform', `a transform of rows of length ${depth} (as x has)`, `one of rows of length ${transform.depth}`);
    }
    return { given: transform };
  }
  if (center === false && fits) {
    refuse(
      'center',
      'removeComponents and whiten subtract the mean, so that center: false contradicts them',
      'leave center out',
    );
  }
  if (depth > 0 && removeComponents >= depth) {
    fail('removeComponents', `fewer than the ${depth} elements of a row`, `${removeComponents}`);
  }
  return center || fits ? { fit: { removeComponents, whiten: whiten === true } } : undefined;
}
