import time
import pytest
from tests.builders import *
@pytest.mark.parametrize("i", range(5))
def test_x(county, i):
    t=time.time()
    h=a_ticket(county,node=Node.CLOSED,tier=Tier.COUNTY)
    print(h.look().number, time.time()-t)
