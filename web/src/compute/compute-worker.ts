import { expose } from 'comlink';
import { FileSession } from './file-session.js';

expose(new FileSession());
