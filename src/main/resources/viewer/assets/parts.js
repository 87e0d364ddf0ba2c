/*
 * Keeps the parts of a page (data-part) as the server shows them now: the page is loaded again in the
 * background, and parts that differ are exchanged. One that the reader is busy with waits.
 */

export class Parts {
  #loading = false;
  #again = false;
  #waiting = new Map();
  #onChange;

  /** @param onChange called with the new document after an exchange */
  constructor(onChange) {
    this.#onChange = onChange;
    document.addEventListener("focusout", () => setTimeout(() => this.#exchangeWaiting()));
    document.addEventListener("toggle", () => this.#exchangeWaiting(), true);
  }

  /** Loads the page again; calls while it is loaded are one more load. */
  async refresh() {
    if (this.#loading) {
      this.#again = true;
      return;
    }
    this.#loading = true;
    do {
      this.#again = false;
      const page = await load();
      if (page) this.#take(page);
    } while (this.#again);
    this.#loading = false;
  }

  #take(page) {
    for (const part of page.querySelectorAll("[data-part]")) {
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

/* As a document, so that nothing is made of text here; null if it cannot be had now. */
function load() {
  return new Promise((loaded) => {
    const request = new XMLHttpRequest();
    request.open("GET", location.pathname);
    request.setRequestHeader("Accept", "text/html");
    request.responseType = "document";
    request.onload = () => loaded(request.status === 200 ? request.response : null);
    request.onerror = request.ontimeout = () => loaded(null);
    request.timeout = 15_000;
    request.send();
  });
}
