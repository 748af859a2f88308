"""All addresses of the product, and those of orders: a product that has orders names them in config/urls.py."""

from django.http import HttpResponse
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500, urlpatterns
from orgs.models import Membership
from orgs.pages import MemberRequest, member_page
from tests.orders.models import Order

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@member_page
def order_detail(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    order = Order.objects.get(organization_id=membership.organization_id, number=number)
    return HttpResponse(f"{order.what}: {order.note}")


urlpatterns = [path("orgs/<slug:slug>/orders/<int:number>/", order_detail, name="order"), *urlpatterns]
