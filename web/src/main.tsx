import { render } from 'preact';
import { App } from './app.js';
import { followAddress } from './state/address.js';
import { refuseSecond, showGiven } from './state/showing.js';
import { readPageData } from './state/source.js';
import './style.css';

const data = readPageData();
followAddress(data?.state, data !== null);
// Otherwise the browser would open a dropped file instead of the page.
for (const name of ['dragover', 'drop']) addEventListener(name, (event) => event.preventDefault());
addEventListener('drop', refuseSecond);
if (data) {
  document.title = `${data.name} · allpairs`;
  void showGiven(data);
}
render(<App given={data !== null} />, document.getElementById('app') as HTMLElement);
