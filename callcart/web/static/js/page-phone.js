// The telephone of a page that is no desk: brought up when it is first needed, given up when its call is over. A person has one phone, and
// the desk's tabs share a lock over it: one that is open there is asked for.
// Events: answered, gone, problem (with the microphone).

const REGISTERING = 8000; // ms until a phone that does not come up is given up

export class PagePhone extends EventTarget {
  #audio;
  #lock;
  #sip;
  #credentials;
  #softphone = null;
  #letGo = null;

  /** `lock`: the desk's; `credentials`: asks the server what to register with; `sip`: the origin of the telephones; `audio` plays the other side. */
  constructor({audio, lock, sip, credentials}) {
    super();
    this.#audio = audio;
    this.#lock = lock;
    this.#sip = sip;
    this.#credentials = credentials;
    addEventListener("pagehide", () => this.hangup());
  }

  /** Of which conversation there is a call here; "" without one. */
  get conversation() {
    return this.#softphone?.conversation ?? "";
  }

  /** Have the phone. False: another tab has it, and `offer` is given what takes it away from there. */
  hold(offer) {
    if (this.#letGo || !navigator.locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      const take = (options) => navigator.locks.request(this.#lock, options, (lock) => {
        if (!lock) { offer(() => take({steal: true})); resolve(false); return null; }
        resolve(true);
        return new Promise((release) => { this.#letGo = release; });
      }).catch((error) => { if (error.name === "AbortError") { this.#letGo = null; this.down(); } else throw error; });
      take({ifAvailable: true});
    });
  }

  /** Registered; rejects where it does not come up in time. */
  async comeUp() {
    if (this.#softphone?.registered) return;
    const [{Softphone}, credentials] = await Promise.all([import("./softphone.js"), this.#credentials()]);
    const mine = new Softphone({...credentials, iceServers: credentials.ice_servers, url: this.#sip + credentials.ws_path, audio: this.#audio});
    this.#softphone = mine;
    mine.addEventListener("ended", () => { if (mine === this.#softphone) this.down(); });
    mine.addEventListener("answered", () => this.dispatchEvent(new CustomEvent("answered")));
    mine.addEventListener("microphone", () => this.dispatchEvent(new CustomEvent("problem")));
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => { reject(new Error("")); if (mine === this.#softphone) this.down(); }, REGISTERING);
      mine.addEventListener("registered", () => { clearTimeout(timer); resolve(); }, {once: true});
      mine.start();
    });
  }

  /** The next call for this conversation is answered by itself. */
  expect(conversation) {
    this.#softphone?.expect(conversation);
  }

  /** Answer the call for this conversation, where it rings already or as soon as it does. */
  answer(conversation) {
    if (!this.conversation || this.conversation === conversation) this.#softphone?.answer(conversation);
  }

  dtmf(key) {
    this.#softphone?.dtmf(key);
  }

  hangup() {
    this.#softphone?.hangup();
  }

  /** Give it up: the desk may have it again. */
  down() {
    this.#softphone?.stop();
    this.#softphone = null;
    this.#letGo?.();
    this.#letGo = null;
    this.dispatchEvent(new CustomEvent("gone"));
  }
}
