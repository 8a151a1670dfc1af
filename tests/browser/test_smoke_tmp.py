from tests.browser.conftest import NewVisitor
from tests.browser.visitor import PHONE
from tests.factories import ControllerFactory

def test_home(visitor: NewVisitor, portal) -> None:
    ControllerFactory(code="sample", name_ja="株式会社サンプル", name_en="Sample Co., Ltd.")
    for language in ("ja", "en"):
        person = visitor(language=language, size=PHONE)
        person.goes_to("home")
        person.looks_at("home")
        person.goes_to("blank_forms")
        person.looks_at("blank-forms")
