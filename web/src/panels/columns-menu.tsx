// Chooses the columns for the names, colours, order and pictures of the rows.

import { batch } from '@preact/signals';
import { colourColumn, shown, table } from '../state/answers.js';
import { columnsLeft } from '../state/asked.js';
import { colourBy, labelBy, orderBy, pictureBy, rowOrder } from '../state/choices.js';
import { sideOf } from '../state/columns.js';
import { pictureAddresses, picturesIn } from '../state/pictures.js';
import { Choice, type Choosable } from './choice.js';

const label: Choosable<string> = {
  get value() {
    return shown.value?.labelColumn ?? '';
  },
  set value(name) {
    labelBy.value = name;
  },
};

const colour: Choosable<string> = {
  get value() {
    return colourColumn.value?.name ?? '';
  },
  set value(name) {
    colourBy.value = name;
  },
};

const order: Choosable<string> = {
  get value() {
    return rowOrder.value === 'column' ? (orderBy.value ?? '') : '';
  },
  set value(name) {
    batch(() => {
      orderBy.value = name || null;
      rowOrder.value = name ? 'column' : 'given';
    });
  },
};

const pictures: Choosable<string> = {
  get value() {
    const { images } = shown.value ?? {};
    if (!images) return '';
    return pictureBy.value ?? 'given';
  },
  set value(choice) {
    pictureBy.value = choice === 'given' ? null : choice;
  },
};

export function ColumnsMenu() {
  const { columns = [], depth = 0, images } = shown.value ?? {};
  const names = table.value.map(({ name }) => [name, name] as const);
  const side = sideOf(depth);
  const pictured = table.value.filter(({ values }) => picturesIn(values, pictureAddresses.value));
  const isGiven = images !== null && images !== undefined && pictureBy.value === null;
  const left = columnsLeft.value;
  return (
    <>
      <Choice<string> label="Named by" value={label} options={[['', 'their numbers'], ...names]} />
      <Choice<string>
        label="Coloured by"
        value={colour}
        options={[...columns.map(({ name }) => [name, name] as const), ['', 'groups']]}
      />
      <Choice<string> label="Ordered by" value={order} options={[['', 'nothing'], ...names]} />
      <Choice<string>
        label="Pictures"
        value={pictures}
        options={[
          ['', 'none'],
          ...(isGiven ? ([['given', 'their pictures']] as const) : []),
          ...(side === null ? [] : ([['rows', `their numbers, ${side} x ${side}`]] as const)),
          ...pictured.map(({ name }) => [`column:${name}`, name] as const),
        ]}
      />
      {names.length === 0 && (
        <p class="quiet">The file has no other columns. To name its rows, drop a text file with it, one line per row.</p>
      )}
      {left.length > 0 && <p class="quiet">Too large to be read here: {left.join(', ')}.</p>}
    </>
  );
}
