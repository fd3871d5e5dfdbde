"""Grades an answer to a QTI item as its response processing says; for the operators that our items use."""

import re
from typing import Any
from xml.etree import ElementTree as ET

NS = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
Value = Any  # None (QTI's NULL), a string, a float, a bool or a list of strings


class Player:
    def __init__(self, item: bytes) -> None:
        self.item = ET.fromstring(item)
        self.outcomes: dict[str, Value] = {}
        self.response: Value = None

    def answer(self, response: Value) -> tuple[float, list[str]]:
        """The score, and the identifiers of the feedback that is shown."""
        self.outcomes, self.response = {"SCORE": 0.0, "FEEDBACK": []}, response
        for rule in self._all("responseProcessing/*"):
            assert rule.tag == f"{NS}responseCondition"
            for branch in rule:
                if branch.tag == f"{NS}responseElse" or self._value(branch[0]) is True:
                    for setting in branch.findall(f"{NS}setOutcomeValue"):
                        self.outcomes[setting.attrib["identifier"]] = self._value(setting[0])
                    break
        return self.outcomes["SCORE"], self.outcomes["FEEDBACK"]

    @property
    def correct(self) -> list[str]:
        return [value.text or "" for value in self._all("responseDeclaration/correctResponse/value")]

    def _all(self, path: str) -> list[ET.Element]:
        return self.item.findall("/".join(step if step == "*" else NS + step for step in path.split("/")))

    def _value(self, node: ET.Element) -> Value:
        operator = getattr(self, f"_{node.tag.removeprefix(NS)}")
        return operator(node, *(self._value(child) for child in node))

    def _variable(self, node: ET.Element) -> Value:
        return self.response

    def _correct(self, node: ET.Element) -> Value:
        is_one = self._all("responseDeclaration")[0].attrib["cardinality"] == "single"
        return self.correct[0] if is_one else self.correct

    def _baseValue(self, node: ET.Element) -> Value:  # noqa: N802  # QTI's name
        return float(node.text or "") if node.attrib["baseType"] == "float" else node.text

    def _match(self, node: ET.Element, left: Value, right: Value) -> Value:
        if None in (left, right):
            return None
        is_set = self._all("responseDeclaration")[0].attrib["cardinality"] == "multiple"
        return sorted(left) == sorted(right) if is_set else left == right

    def _member(self, node: ET.Element, one: Value, several: Value) -> Value:
        return None if several is None else one in several

    def _multiple(self, node: ET.Element, *values: Value) -> Value:
        return list(values)

    def _isNull(self, node: ET.Element, value: Value) -> Value:  # noqa: N802
        return value is None or value == []

    def _not(self, node: ET.Element, value: Value) -> Value:
        return None if value is None else not value

    def _and(self, node: ET.Element, *values: Value) -> Value:
        return all(values)

    def _or(self, node: ET.Element, *values: Value) -> Value:
        return any(values)

    def _gte(self, node: ET.Element, left: Value, right: Value) -> Value:
        return None if left is None else left >= right

    def _lte(self, node: ET.Element, left: Value, right: Value) -> Value:
        return None if left is None else left <= right

    def _patternMatch(self, node: ET.Element, value: Value) -> Value:  # noqa: N802
        return None if value is None else re.fullmatch(node.attrib["pattern"], value) is not None

    def _stringMatch(self, node: ET.Element, left: Value, right: Value) -> Value:  # noqa: N802
        assert node.attrib["caseSensitive"] == "false"
        return None if left is None else left.casefold() == right.casefold()
