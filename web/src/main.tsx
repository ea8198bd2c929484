import { render } from 'preact';

render(<main>allpairs</main>, document.getElementById('app') as HTMLElement);
