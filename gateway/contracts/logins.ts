/** What an adapter that checks passwords tells and asks, so that nobody can try them one after the other. Types only. */

/** Of one account (a camera's login, say). Addresses are as sockets write them. */
export interface LoginBrake {
  /** For how long no login from this address is to be looked at, in ms; 0: try it. One that is turned away counts as no further try. */
  waitMs(address: string): number;
  /** A wrong login came from there. A first request without one is none. */
  wrong(address: string): void;
}

export interface LoginContext {
  /** Of the part's own account; it survives a restart of the box. */
  readonly logins: LoginBrake;
}
