/** Binds the calls of functions: that they exist, and that their arguments are of types that they take. */

import type { ODataError } from '../errors.ts'
import type { Scope } from './bind-path.ts'
import type { Condition, Term, TermType, TextTest, ValueFunction } from './condition.ts'
import type { Call } from './expression.ts'
import { type Signature, typeNames, unservedFunctions, valueFunctions } from './functions.ts'
import { syntaxError } from './syntax-error.ts'

const testSignature: Signature = { parameters: [['text'], ['text']], result: 'boolean' }

/** Whether a call is of a function that is true or false. */
export function isTest({ name }: Call): boolean {
  return testNamed(name) !== undefined
}

/** @throws ODataError `BadRequest` where the arguments do not fit. */
export function bindTest(call: Call, args: readonly Term[], scope: Scope): Condition {
  const kind = testNamed(call.name)
  const [text, part] = args
  if (kind === undefined || text === undefined || part === undefined || !takes(testSignature, args)) {
    throw noSignature(call, testSignature, scope)
  }
  return { kind, text, part }
}

/** @throws ODataError `BadRequest` where there is no such function, or the arguments do not fit. */
export function bindCall(call: Call, args: readonly Term[], scope: Scope): Term {
  const name = call.name.toLowerCase()
  if (name === 'now' && args.length === 0) return { kind: 'constant', type: 'instant', value: scope.now }
  if (!isValueFunction(name)) throw noFunction(call, scope)
  const signature = valueFunctions[name]
  if (!takes(signature, args)) throw noSignature(call, signature, scope)
  return { kind: 'call', type: signature.result, name, args }
}

function testNamed(name: string): TextTest['kind'] | undefined {
  const lower = name.toLowerCase()
  return lower === 'contains' || lower === 'startswith' || lower === 'endswith' ? lower : undefined
}

function isValueFunction(name: string): name is ValueFunction {
  return Object.hasOwn(valueFunctions, name)
}

function takes({ parameters, optional = 0 }: Signature, args: readonly Term[]): boolean {
  if (args.length > parameters.length || args.length < parameters.length - optional) return false
  return args.every(({ type }, i) => type === 'null' || parameters[i]?.includes(type))
}

function noFunction({ name, at }: Call, { text }: Scope): ODataError {
  if (unservedFunctions.has(name.toLowerCase()) || name.toLowerCase() === 'now') {
    return syntaxError(`The function '${name}' is not supported`, { text, at })
  }
  return syntaxError(
    `An unknown function with name '${name.slice(0, 100)}' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed,`,
    { text, at },
  )
}

function noSignature(
  { name, at }: Call,
  { parameters, optional = 0 }: Signature,
  { text }: Scope,
): ODataError {
  const spelled = (types: readonly TermType[]): string => types.map((type) => typeNames[type]).join(' or ')
  const all = parameters.map(spelled)
  const forms = optional === 0 ? [all] : [all.slice(0, -optional), all]
  const signatures = forms.map((form) => `${name}(${form.join(', ')})`).join('; ')
  return syntaxError(
    `No function signature for the function with name '${name}' matches the specified arguments. The function signatures considered are: ${signatures},`,
    { text, at },
  )
}
