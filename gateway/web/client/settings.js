/**
 * What a display remembers over restarts of its browser. A browser may have no storage for it, or one that is full or blocked (private
 * mode, cookies switched off): then `localStorage` throws, even where it is only named, and what is remembered lasts until the page ends.
 */

/** What could not be stored. @type {Map<string, string>} */
const unstored = new Map();

/**
 * @param {string} key
 * @returns {string | undefined} undefined where nothing is remembered
 */
export function remembered(key) {
  try {
    return unstored.get(key) ?? localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} key
 * @param {string} text
 */
export function remember(key, text) {
  unstored.set(key, text);
  try {
    localStorage.setItem(key, text);
    unstored.delete(key);
  } catch {
    // It stays in memory, which is all that there is.
  }
}
