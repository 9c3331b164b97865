// One desk a person: the tab that holds the lock has the phone. A second tab says so and can take it over; the lock goes
// with a tab that crashes, so nobody is locked out.
import {word} from "../js/words.js";
import {clearNotice, notice} from "./notice.js";
import {settings} from "./net.js";

const name = `callcart-desk-${settings.tenant}-${settings.staff}`;

/** `onHeld()` when this tab has the phone, `onLost()` when another took it. */
export function holdPhone(onHeld, onLost) {
  const hold = (options) => navigator.locks.request(name, options, (lock) => {
    if (!lock) {
      notice("tabs", word("two_tabs"), {action: word("two_tabs_use"), run: () => hold({steal: true})});
      onLost();
      return null;
    }
    clearNotice("tabs");
    onHeld();
    return new Promise(() => {}); // until this tab closes, or another steals it
  }).catch((error) => {
    if (error.name !== "AbortError") throw error;
    notice("tabs", word("tab_taken"), {action: word("two_tabs_use"), run: () => hold({steal: true})});
    onLost();
  });
  if (!navigator.locks) { onHeld(); return; } // no secure context: one tab is all we can hope for
  hold({ifAvailable: true});
}
