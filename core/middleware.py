"""What every page and every API call passes through."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import translation
from django.utils.cache import patch_vary_headers

from core.languages import is_for_people
from core.request_ids import new_request_id

GetResponse = Callable[[HttpRequest], HttpResponse]


def refuse_nul(get_response: GetResponse) -> GetResponse:
    """400 for an address that holds the character NUL: PostgreSQL takes it in no text, and no search looks for it."""

    def answer(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("The address holds the character NUL (%00), which nothing here has.")
        return get_response(request)

    return answer


def number_request(get_response: GetResponse) -> GetResponse:
    """What the request writes down bears its id, which the answer names, too."""

    def answer(request: HttpRequest) -> HttpResponse:
        with new_request_id() as request_id:
            response = get_response(request)
        response["X-Request-Id"] = request_id
        return response

    return answer


def speak_language(get_response: GetResponse) -> GetResponse:
    """Pages in the language that was chosen (a cookie), else in what the browser asks for. Its end is the request's:
    the next one in this thread may be a machine's."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not is_for_people(request):
            return get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        patch_vary_headers(response, ("Accept-Language",))
        return response

    return answer
