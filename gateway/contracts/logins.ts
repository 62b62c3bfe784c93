/** How an adapter that checks passwords keeps them from being guessed. Types only. */

/**
 * Throttles logins to one account, a camera's for example. Addresses are as sockets write them.
 * @example
 * if (logins.waitMs(address) > 0) return refuse(429);
 * if (!isRight(password)) logins.wrong(address);
 */
export interface LoginThrottle {
  /** How long logins from this address are refused unread, in ms; 0: check this one. A refused one does not count as a try. */
  waitMs(address: string): number;
  /** A wrong login came from this address. A first request without credentials is not one. */
  wrong(address: string): void;
}

export interface LoginContext {
  /** For the adapter's own account; its counts survive a restart of the box. */
  readonly logins: LoginThrottle;
}
