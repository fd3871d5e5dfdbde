"""What `dlcheck bank new` prints: a bank to begin with. It passes as it stands."""

TEMPLATE = """\
# Questions on TOPIC, one document for each. `dlcheck bank test TOPIC` tries them all.
# Answers that are computed have an oracle, a function of the plugin's module of oracles, in place of `answer`.
format: 1
topic: TOPIC
---
id: first-choice
kind: choice
difficulty: 1
ask:
  en: Which of these is a tensor of rank 2?
  ko: 다음 중 랭크가 2인 텐서는?
choices:
  matrix: {en: a matrix, ko: 행렬}
  vector: {en: a vector, ko: 벡터}
  scalar: {en: a scalar, ko: 스칼라}
answer: matrix
wrong:
  vector: {en: A vector has one axis., ko: 벡터는 축이 하나뿐이다.}
explain:
  en: The rank is the number of axes.
  ko: 랭크는 축의 개수다.
---
id: first-multiple
kind: multiple
difficulty: 1
ask:
  en: Which of these have as many elements as a 2 by 6 matrix?
  ko: 다음 중 2행 6열 행렬과 원소의 개수가 같은 것은?
choices:
  vector: {en: a vector of length 12, ko: 길이가 12인 벡터}
  transposed: {en: a 6 by 2 matrix, ko: 6행 2열 행렬}
  padded: {en: a 3 by 6 matrix, ko: 3행 6열 행렬}
answer: [vector, transposed]
wrong:
  padded: {en: A further row has further elements., ko: 행을 더하면 원소도 늘어난다.}
explain:
  en: The number of elements is the product of the sizes.
  ko: 원소의 개수는 크기들의 곱이다.
---
id: first-text
kind: text
difficulty: 1
ask:
  en: What do we call the number of axes of a tensor?
  ko: 텐서의 축의 개수를 무엇이라고 하는가?
accept:
  rank: {en: [rank, ndim], ko: [랭크, 차원 수]}
  size: {en: [size], ko: [크기]}
answer: rank
wrong:
  size: {en: The size counts elements., ko: 크기는 원소의 개수다.}
explain:
  en: A matrix has rank 2.
  ko: 행렬의 랭크는 2다.
---
id: first-ordering
kind: ordering
difficulty: 2
ask:
  en: Order by the number of axes, fewest first.
  ko: 축이 적은 것부터 순서대로 나열하라.
choices:
  matrix: {en: matrix, ko: 행렬}
  scalar: {en: scalar, ko: 스칼라}
  vector: {en: vector, ko: 벡터}
answer: [scalar, vector, matrix]
explain:
  en: They have 0, 1 and 2 axes.
  ko: 축이 각각 0, 1, 2개다.
"""
