/** Why a text is no regular expression, in words that follow on it; undefined where it is one. */
export function faultOfPattern(text: string): string | undefined {
  try {
    new RegExp(text);
    return undefined;
  } catch (error) {
    return (error as Error).message.split(': ').at(-1)?.toLowerCase();
  }
}
