/*
 * Keeps the parts of a page (data-part) as the server shows them now: the page is loaded again in the
 * background, and parts that differ are exchanged. One that the reader is busy with waits.
 */

export class Parts {
  #loading = false;
  #again = false;
  #isBehind = false;
  #waiting = new Map();
  #taken = new Map();
  #onChange;
  #beforeChange;
  #url;

  /**
   * @param onChange called with the new document after an exchange
   * @param url of the page that is loaded
   * @param beforeChange called before an exchange
   */
  constructor(onChange, url = location.pathname, beforeChange = () => {}) {
    this.#onChange = onChange;
    this.#beforeChange = beforeChange;
    this.#url = url;
    document.addEventListener("focusout", () => setTimeout(() => this.#exchangeWaiting()));
    document.addEventListener("toggle", () => this.#exchangeWaiting(), true);
  }

  /** Whether the page could not be had when it was loaded last, which may be over soon. */
  get isBehind() {
    return this.#isBehind;
  }

  /** Loads the page again; calls while it is loaded are one more load. */
  async refresh() {
    if (this.#loading) {
      this.#again = true;
      return;
    }
    this.#loading = true;
    try {
      do {
        this.#again = false;
        const request = await load(this.#url);
        const {status} = request;
        // A 200 without a page is of somebody in between; what else comes is not to be made one.
        const page = status === 200 ? request.response : null;
        this.#isBehind = !page && (status <= 200 || status === 408 || status === 429 || status >= 500);
        if (page) this.#take(page);
      } while (this.#again);
    } finally {
      this.#loading = false;
    }
  }

  #take(page) {
    this.#beforeChange();
    for (const part of page.querySelectorAll("[data-part]")) {
      const html = part.outerHTML;
      if (this.#taken.get(part.id) === html) continue;
      this.#taken.set(part.id, html);
      this.#waiting.set(part.id, document.adoptNode(part));
    }
    this.#exchangeWaiting();
    document.title = page.title;
    document.querySelector("link[rel=icon]").href = page.querySelector("link[rel=icon]").href;
    this.#onChange(page);
  }

  #exchangeWaiting() {
    for (const [id, fresh] of this.#waiting) {
      const old = document.getElementById(id);
      if (old && isBusy(old)) continue;
      this.#waiting.delete(id);
      old?.replaceWith(fresh);
    }
  }
}

function isBusy(part) {
  return part.contains(document.activeElement) || part.querySelector("details[open]") !== null;
}

/* As a document, so that nothing is made of text here. */
function load(url) {
  return new Promise((loaded) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.setRequestHeader("Accept", "text/html");
    request.responseType = "document";
    request.onloadend = () => loaded(request);
    request.timeout = 15_000;
    request.send();
  });
}
