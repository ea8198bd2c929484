// Measures how close the native kernels come to the arithmetic peak of one core. Needs a C++ compiler. The section `limits` measures it
// for the best set of instructions.
//
//     npx tsx bench/native-kernel.ts

import { cpus } from 'node:os';
import { runNative } from './run-native.js';

console.log(await runNative('bench/kernel.cc'));
console.log(cpus()[0]?.model);
