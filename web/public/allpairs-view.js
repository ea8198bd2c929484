// <allpairs-view src="report.html"> shows a report of allpairs within a page; with a file of vectors as `src` (and of names as `names`), the
// page of allpairs that lies next to this script. Copy dist/web/ to the site, and load this file with <script type="module">.

const PAGE = new URL('index.html', import.meta.url);

class AllpairsView extends HTMLElement {
  static observedAttributes = ['src', 'names', 'state'];
  #frame;
  #ends = new AbortController();

  connectedCallback() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    const style = new CSSStyleSheet();
    style.replaceSync(`
      :host { display: block; height: 48rem; }
      iframe { display: block; width: 100%; height: 100%; border: 0; }
      iframe:has(+ p) { display: none; }
      p { margin: 1rem; font: 1rem sans-serif; }
    `);
    root.adoptedStyleSheets = [style];
    this.#frame = document.createElement('iframe');
    this.#frame.title = this.getAttribute('title') ?? 'Cosine similarity of all pairs';
    root.replaceChildren(this.#frame);
    this.#show();
  }

  disconnectedCallback() {
    this.#ends.abort();
  }

  attributeChangedCallback() {
    if (this.#frame) this.#show();
  }

  #show() {
    this.#ends.abort();
    this.#ends = new AbortController();
    const { signal } = this.#ends;
    this.shadowRoot.querySelector('p')?.remove();
    const src = this.getAttribute('src');
    if (!src) return;
    const state = this.getAttribute('state') ?? '';
    const address = new URL(src, document.baseURI);
    if (/\.html?$/i.test(address.pathname)) {
      address.hash = state;
      this.#frame.src = address.href;
      return;
    }
    const page = new URL(PAGE);
    page.hash = state;
    addEventListener(
      'message',
      ({ source, data }) => {
        if (source === this.#frame.contentWindow && data?.allpairs === 'ready') void this.#send(address, signal);
      },
      { signal },
    );
    this.#frame.src = page.href;
  }

  async #send(address, signal) {
    const names = this.getAttribute('names');
    const files = [address, ...(names ? [new URL(names, document.baseURI)] : [])].map((file) => fileAt(file, signal));
    try {
      this.#frame.contentWindow.postMessage({ allpairs: 'files', files: await Promise.all(files) }, PAGE.origin);
    } catch (error) {
      if (signal.aborted) return;
      const { message } = error;
      const words = document.createElement('p');
      words.role = 'alert';
      words.textContent = message;
      this.shadowRoot.append(words);
      this.dispatchEvent(new ErrorEvent('error', { error, message }));
    }
  }
}

async function fileAt(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(`${address.href} could not be read: the server answered ${answer.status}`);
  return new File([await answer.blob()], address.pathname.split('/').at(-1));
}

customElements.define('allpairs-view', AllpairsView);
