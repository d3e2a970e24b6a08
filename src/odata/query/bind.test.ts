import {
  type BoundExpression,
  type RefusedExpression,
  testExpressions,
} from '../../../test/support/shown-conditions.ts'

const bound: readonly BoundExpression[] = [
  ["displayName eq 'A'", "(eq script.display_name?:text 'A':text)"],
  ["'A' eq DISPLAYNAME", "(eq 'A':text script.display_name?:text)"],
  ["id ne 'A'", "(ne script.id=:text 'A':text)"],
  ['retryCount gt 2.5', '(gt script.retry_count:number 2.5:number)'],
  ['blockExecutionNotifications', '(eq script.block_execution_notifications:boolean true:boolean)'],
  ['not blockExecutionNotifications', '(not (eq script.block_execution_notifications:boolean true:boolean))'],
  [
    'blockExecutionNotifications eq (retryCount gt 1)',
    '(eq script.block_execution_notifications:boolean (truth (gt script.retry_count:number 1:number)))',
  ],
  ['true', '(eq true:boolean true:boolean)'],
  ['displayName eq null', '(eq script.display_name?:text null:null)'],
  ['null ne retryCount', '(ne null:null script.retry_count:number)'],
  ['null eq null', '(eq null:null null:null)'],
  [
    "id eq 'a' and id eq 'b' and id eq 'c'",
    "(and (eq script.id=:text 'a':text) (eq script.id=:text 'b':text) (eq script.id=:text 'c':text))",
  ],
  [
    "id eq 'a' or id eq 'b' and id eq 'c'",
    "(or (eq script.id=:text 'a':text) (and (eq script.id=:text 'b':text) (eq script.id=:text 'c':text)))",
  ],
  ["not (id eq 'a' or id eq 'b')", "(not (or (eq script.id=:text 'a':text) (eq script.id=:text 'b':text)))"],
  [
    "displayName in ('a', null, description)",
    "(in script.display_name?:text 'a':text null:null script.description?:text)",
  ],
  ['-retryCount eq -(-1)', '(eq (sub 0:number script.retry_count:number):number 1:number)'],
  ['retryCount div 2 eq 1', '(eq (div script.retry_count:number 2:number):number 1:number)'],
  ['retryCount div 2.0 eq 1', '(eq (divby script.retry_count:number 2:number):number 1:number)'],
  ['1e0 div retryCount eq 1', '(eq (divby 1:number script.retry_count:number):number 1:number)'],
  [
    'retryCount divby 2 mod 3 sub 4 eq 1',
    '(eq (sub (mod (divby script.retry_count:number 2:number):number 3:number):number 4:number):number 1:number)',
  ],
]

const refused: readonly RefusedExpression[] = [
  ['displayName', 'What stands here is neither true nor false', 0],
  ['1', 'What stands here is neither true nor false', 0],
  ['null', 'What stands here is neither true nor false', 0],
  ['not displayName', 'What stands here is neither true nor false', 4],
  ['length(displayName) or true', 'What stands here is neither true nor false', 0],
  [
    'displayName eq 1',
    "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and 'Edm.Int32' for operator kind 'Equal'",
    12,
  ],
  [
    "retryCount gt 'a'",
    "A binary operator with incompatible types was detected. Found operand types 'Edm.Int32' and 'Edm.String' for operator kind 'GreaterThan'",
    11,
  ],
  [
    'scriptContent eq scriptContent',
    "A binary operator with incompatible types was detected. Found operand types 'Edm.Binary' and 'Edm.Binary' for operator kind 'Equal'",
    14,
  ],
  [
    'displayName add 1 eq 2',
    "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and 'Edm.Int32' for operator kind 'Add'",
    12,
  ],
  [
    'executionFrequency mul executionFrequency eq 1',
    "A binary operator with incompatible types was detected. Found operand types 'Edm.Duration' and 'Edm.Duration' for operator kind 'Multiply'",
    19,
  ],
  [
    'null add 1 eq 1',
    "A binary operator with incompatible types was detected. Found operand types 'null' and 'Edm.Int32' for operator kind 'Add'",
    5,
  ],
  ['-displayName eq 1', "The type 'Edm.String' has no negative", 1],
  ['-null eq 1', "The type 'null' has no negative", 1],
  ["displayName in ('a', 1)", "A value of type 'Edm.Int32' cannot be in a list of 'Edm.String'", 21],
  ["retryCount in ('a')", "A value of type 'Edm.String' cannot be in a list of 'Edm.Int32'", 15],
  ['scriptContent in (null)', "Values of 'Edm.Binary' are not compared", 14],
  ["null in ('a')", "A value of type 'Edm.String' cannot be in a list of 'null'", 9],
]

testExpressions(bound, refused)
