/** A style sheet as text; the bundler puts it there. */
declare module '*.css' {
  const text: string;
  export default text;
}
