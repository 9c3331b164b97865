// A telephone in the page: one registration over a secure WebSocket, at most one call, sound in an <audio> element.
// Knows nothing of conversations but the header that names one; what a call means is decided elsewhere.
// Events: registered, unregistered {refused}, ringing {conversation}, answered {conversation}, ended {conversation, cause},
// microphone {problem: refused | missing | busy}.
import JsSIP from "../vendor/jssip.js";
import {devices, openStream, soundBy} from "./devices.js";

const HEADER = "X-Callcart-Conversation";
const VOICE = {echoCancellation: true, noiseSuppression: true, autoGainControl: true};
const GATHERING = 700; // ms to look for our own addresses; on one machine or one network the first ones do
const STAGGER = 1500; // ms over which the pages of a shop spread their coming back
const ASKING = 2500; // ms at most for STUN and TURN servers to answer; when all have, it goes on at once
const EXPECTING = 30000; // ms until a call that was to be picked up again is no longer waited for
const PROBLEMS = {NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing", OverconstrainedError: "missing", NotReadableError: "busy", AbortError: "busy"};

/** Why there is no microphone, in one of three words. */
export function microphoneProblem(error) {
  return PROBLEMS[error?.name] ?? "missing";
}

/** The microphone of this page; rejects as getUserMedia does. */
export function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) return Promise.reject(new DOMException("", "NotFoundError"));
  return openStream(VOICE);
}

export class Softphone extends EventTarget {
  #socket;
  #agent;
  #audio;
  #session = null;
  #microphone = null;
  #iceServers;
  #conversation = "";
  #expected = "";
  #coming = 0;
  #watch = 0;
  #patience = 0;

  /** `url` is the whole address of the WebSocket, `audio` the element that plays the other side. */
  constructor({username, password, realm, url, audio, iceServers = []}) {
    super();
    this.#audio = audio;
    soundBy(audio, "talk");
    devices.addEventListener("change", this.#others);
    this.#iceServers = iceServers;
    this.#socket = new JsSIP.WebSocketInterface(url);
    this.#agent = new JsSIP.UA({
      sockets: [this.#socket],
      uri: `sip:${username}@${realm}`,
      authorization_user: username,
      password,
      realm,
      display_name: "",
      user_agent: "Callcart",
      register_expires: 120,
      session_timers: false,
      no_answer_timeout: 300, // how long it rings is decided by whoever offers the call
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
    });
    this.#agent.on("registered", () => this.#tell("registered"));
    this.#agent.on("unregistered", () => this.#tell("unregistered", {refused: false}));
    this.#agent.on("disconnected", () => this.#tell("unregistered", {refused: false}));
    this.#agent.on("registrationFailed", ({response}) => this.#tell("unregistered", {refused: [401, 403, 404, 407].includes(response?.status_code)}));
    this.#agent.on("newRTCSession", ({session, originator, request}) => { if (originator === "remote") this.#arrived(session, request); });
  }

  start() {
    this.#agent.start();
  }

  /** Register once more, after a refusal. */
  again() {
    this.#agent.register();
  }

  /** Give up the phone without ending the call: nothing is said to the other side, so that another page can pick it up. */
  stop() {
    clearTimeout(this.#coming);
    devices.removeEventListener("change", this.#others);
    this.#agent.removeAllListeners();
    this.#socket.disconnect();
    this.#session?.connection?.close();
    this.#forget();
    this.#agent.stop();
  }

  /** The exchange is back: do not wait for the next attempt. */
  reconnect() {
    clearTimeout(this.#coming);
    this.#coming = setTimeout(() => { if (!this.#agent.isConnected()) this.#agent.transport?.connect(); }, Math.random() * STAGGER);
  }

  get registered() {
    return this.#agent.isRegistered();
  }

  /** Of which conversation there is a call here; "" without one. */
  get conversation() {
    return this.#session ? this.#conversation : "";
  }

  /** A call has come in and is not answered yet. */
  get ringing() {
    return Boolean(this.#session) && !this.#session.isEstablished() && !this.#session.isEnded() && !this.#microphone;
  }

  /** There is a call, ringing or talking, or one is about to be picked up again. */
  get busy() {
    return Boolean(this.#session) || this.#expected !== "";
  }

  /** The next call for this conversation is answered by itself (picking up after a reload); "" takes it back. */
  expect(conversation) {
    clearTimeout(this.#patience);
    this.#expected = conversation;
    if (conversation) this.#patience = setTimeout(() => { this.#expected = ""; }, EXPECTING);
  }

  /** Answer what rings; where it does not ring yet, as soon as it does. False without a microphone: it rings on. */
  async answer(conversation = "") {
    if (!this.#session) { this.expect(conversation); return true; }
    const session = this.#session;
    if (!this.ringing) return true;
    try {
      this.#microphone = await openMicrophone();
    } catch (error) {
      this.#tell("microphone", {problem: microphoneProblem(error)});
      return false;
    }
    if (session !== this.#session || session.isEnded()) { this.#closeMicrophone(); return false; }
    session.answer({mediaStream: this.#microphone, mediaConstraints: {audio: true, video: false}, pcConfig: {iceServers: this.#iceServers, bundlePolicy: "max-bundle"}});
    return true;
  }

  /** End or decline the call. */
  hangup() {
    if (this.#session && !this.#session.isEnded()) this.#session.terminate();
  }

  mute(on) {
    if (on) this.#session?.mute({audio: true}); else this.#session?.unmute({audio: true});
  }

  /** Send a key as an RTP event (RFC 4733). */
  dtmf(key) {
    if (this.#session?.isEstablished()) this.#session.sendDTMF(key, {transportType: "RFC2833", duration: 120, interToneGap: 80});
  }

  /** What goes over the wire: packets and sound energy each way, zeros without a call. */
  async statistics() {
    const found = {received: 0, sent: 0, lost: 0, heard: 0, spoken: 0};
    const report = await this.#session?.connection?.getStats();
    for (const each of report?.values() ?? []) {
      if (each.type === "inbound-rtp" && each.kind === "audio") Object.assign(found, {received: each.packetsReceived ?? 0, lost: each.packetsLost ?? 0, heard: each.totalAudioEnergy ?? 0});
      if (each.type === "outbound-rtp" && each.kind === "audio") found.sent = each.packetsSent ?? 0;
      if (each.type === "media-source" && each.kind === "audio") found.spoken = each.totalAudioEnergy ?? 0;
    }
    return found;
  }

  #arrived(session, request) {
    const conversation = request.getHeader(HEADER) ?? "";
    const expected = conversation !== "" && conversation === this.#expected;
    if (this.#session && !this.#session.isEnded()) {
      if (!expected) { session.terminate({status_code: 486}); return; } // one voice at a time
      const former = this.#session; // a dead leg: the exchange calls once more for the same conversation
      this.#forget();
      former.connection?.close();
      former.terminate();
    }
    this.#session = session;
    this.#conversation = conversation;
    this.#expected = "";
    let gathering = 0;
    const mine = (react) => (detail) => { if (session === this.#session) react(detail); };
    session.on("peerconnection", ({peerconnection}) => this.#connect(peerconnection));
    session.on("icecandidate", ({ready}) => { gathering ||= setTimeout(ready, this.#iceServers.length ? ASKING : GATHERING); });
    session.on("confirmed", mine(() => { this.#watchSound(); this.#tell("answered", {conversation}); }));
    const over = mine(({cause}) => { this.#forget(); this.#tell("ended", {conversation, cause}); });
    session.on("ended", over);
    session.on("failed", over);
    if (!expected) { this.#tell("ringing", {conversation}); return; }
    this.answer().then((answered) => { if (!answered && session === this.#session) this.#tell("ringing", {conversation}); });
  }

  #connect(connection) {
    connection.addEventListener("track", ({track, streams}) => {
      this.#audio.srcObject = streams[0] ?? new MediaStream([track]);
      this.#audio.play().catch(() => {}); // pages that use the microphone may play; a stopped one is no error
    });
  }

  /** Once a second the numbers are put on the audio element, for whoever wants to look (support, tests). */
  #watchSound() {
    clearInterval(this.#watch);
    this.#watch = setInterval(async () => Object.assign(this.#audio.dataset, await this.statistics()), 1000);
  }

  #forget() {
    clearInterval(this.#watch);
    this.#session = null;
    this.#closeMicrophone();
    this.#audio.srcObject = null;
  }

  /** Other devices were chosen or plugged in: also in the middle of a talk. */
  #others = async () => {
    soundBy(this.#audio, "talk");
    const session = this.#session;
    const sender = session?.connection?.getSenders().find((each) => each.track?.kind === "audio");
    if (!this.#microphone || !sender) return;
    const fresh = await openMicrophone().catch(() => null);
    if (!fresh) return;
    if (session !== this.#session) { for (const track of fresh.getTracks()) track.stop(); return; }
    const [track] = fresh.getAudioTracks();
    track.enabled = !session.isMuted().audio;
    await sender.replaceTrack(track);
    this.#closeMicrophone();
    this.#microphone = fresh;
  };

  #closeMicrophone() {
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#microphone = null;
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, {detail}));
  }
}
