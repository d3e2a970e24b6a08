/** Whether the parameters of a media range or a coding exclude it: `q=0`, with any number of zeros (RFC 9110 §12.4.2). */
export function isExcluded(parameters: readonly string[]): boolean {
  return parameters.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter))
}
