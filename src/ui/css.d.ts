/** The text of a style sheet: the bundler inserts it. */
declare module '*.css' {
  const text: string;
  export default text;
}
