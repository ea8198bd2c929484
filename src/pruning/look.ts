// Lists exclude little before they are full of good scores. So the first elements of all sketches look for good pairs of each row first.

/** Of the elements of a sketch, those that look. */
export const LOOK_FRACTION = 1 / 3;
