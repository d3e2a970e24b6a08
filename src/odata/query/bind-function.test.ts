import {
  type BoundExpression,
  type RefusedExpression,
  testExpressions,
} from '../../../test/support/shown-conditions.ts'

const bound: readonly BoundExpression[] = [
  ["CONTAINS(displayName,'a')", "(contains script.display_name?:text 'a':text)"],
  ['startswith(displayName,null)', '(startswith script.display_name?:text null:null)'],
  [
    'endswith(tolower(displayName),trim(description))',
    '(endswith (tolower script.display_name?:text):text (trim script.description?:text):text)',
  ],
  [
    "contains(displayName,'a') eq true",
    "(eq (truth (contains script.display_name?:text 'a':text)) true:boolean)",
  ],
  [
    "length(displayName) add 1 mul 2 gt indexof(displayName,'a')",
    "(gt (add (length script.display_name?:text):number (mul 1:number 2:number):number):number (indexof script.display_name?:text 'a':text):number)",
  ],
  [
    'substring(displayName,1) eq substring(displayName,1,2)',
    '(eq (substring script.display_name?:text 1:number):text (substring script.display_name?:text 1:number 2:number):text)',
  ],
  [
    "concat(displayName,toupper('a')) eq 'a'",
    "(eq (concat script.display_name?:text (toupper 'a':text):text):text 'a':text)",
  ],
  [
    'year(createdDateTime) eq 1 and month(2026-01-01) eq 1',
    "(and (eq (year script.created_date_time:instant):number 1:number) (eq (month '2026-01-01':date):number 1:number))",
  ],
  [
    'hour(createdDateTime) eq 1 and minute(01:02:03) eq 1',
    "(and (eq (hour script.created_date_time:instant):number 1:number) (eq (minute '01:02:03.0000000':timeOfDay):number 1:number))",
  ],
  [
    'date(createdDateTime) eq 2026-01-01',
    "(eq (date script.created_date_time:instant):date '2026-01-01':date)",
  ],
  [
    'time(createdDateTime) eq 01:02:03',
    "(eq (time script.created_date_time:instant):timeOfDay '01:02:03.0000000':timeOfDay)",
  ],
]

const refused: readonly RefusedExpression[] = [
  [
    'contains(displayName)',
    "No function signature for the function with name 'contains' matches the specified arguments. The function signatures considered are: contains(Edm.String, Edm.String),",
    0,
  ],
  [
    'contains(displayName,1)',
    "No function signature for the function with name 'contains' matches the specified arguments. The function signatures considered are: contains(Edm.String, Edm.String),",
    0,
  ],
  [
    'length(retryCount) eq 1',
    "No function signature for the function with name 'length' matches the specified arguments. The function signatures considered are: length(Edm.String),",
    0,
  ],
  [
    "substring(displayName) eq 'a'",
    "No function signature for the function with name 'substring' matches the specified arguments. The function signatures considered are: substring(Edm.String, Edm.Int32); substring(Edm.String, Edm.Int32, Edm.Int32),",
    0,
  ],
  [
    "substring(displayName,1,2,3) eq 'a'",
    "No function signature for the function with name 'substring' matches the specified arguments. The function signatures considered are: substring(Edm.String, Edm.Int32); substring(Edm.String, Edm.Int32, Edm.Int32),",
    0,
  ],
  [
    "year('a') eq 1",
    "No function signature for the function with name 'year' matches the specified arguments. The function signatures considered are: year(Edm.DateTimeOffset or Edm.Date),",
    0,
  ],
  [
    'hour(2026-01-01) eq 1',
    "No function signature for the function with name 'hour' matches the specified arguments. The function signatures considered are: hour(Edm.DateTimeOffset or Edm.TimeOfDay),",
    0,
  ],
  ['now(1) eq 1', "The function 'now' is not supported", 0],
  ['round(retryCount) eq 1', "The function 'round' is not supported", 0],
  ['CAST(retryCount) eq 1', "The function 'CAST' is not supported", 0],
  [
    'nonsense(1) eq 1',
    "An unknown function with name 'nonsense' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed,",
    0,
  ],
  [
    'toString(1) eq 1',
    "An unknown function with name 'toString' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed,",
    0,
  ],
]

testExpressions(bound, refused)
