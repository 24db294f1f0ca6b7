"""Amazon's catalog host (Amazon: upload_catalog, get_catalog_upload_status)."""

from sandbox.answers import Answer, json_answer
from sandbox.catalog_engine import CatalogEngine
from sandbox.catalog_requests import read_ingestion_id, read_upload
from sandbox.operations import Operation


def catalog_host(engine: CatalogEngine) -> dict[str, Operation]:
    def upload(body: object) -> Answer:
        return json_answer(201, engine.upload(read_upload(body)))

    def status(body: object) -> Answer:
        return json_answer(200, engine.status(read_ingestion_id(body)))

    return {
        "/v1/catalog/upload": Operation("catalog-upload", upload),
        "/v1/catalog/getCatalogUploadStatus": Operation("catalog-status", status),
    }
