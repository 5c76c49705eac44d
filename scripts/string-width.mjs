/** Stands in for string-width in the bundle, whose texts hold no wide characters. */
export default (text) => text.length;
