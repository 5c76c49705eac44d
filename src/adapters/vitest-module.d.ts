/** Vitest is there where the adapter is used, and no package of ours: what is added to its types needs a place here. */
declare module 'vitest' {
  interface ProvidedContext {
    readonly 'wso2-launch/servers'?: never;
  }
}
