. /tmp/pl/lab.sh
S=/tmp/helpers/samples
up
pl A
K=0x$(printf %064x 4711)
for i in 1 2; do echo "@gw.edge.example @vpn$i.acme.example : PSK $K"; done > $L/a/etc/k.secrets; cp $L/a/etc/k.secrets $L/b/etc/k.secrets
{ conn p_acme_t1_s1 198.51.100.10 @gw.edge.example 10.20.0.0/24 203.0.113.7 @vpn1.acme.example 172.16.5.0/24 authby=secret auto=ondemand
conn p_acme_t1_s1_b 198.51.100.10 @gw.edge.example 10.20.0.0/24 203.0.113.8 @vpn2.acme.example 172.16.5.0/24 authby=secret auto=add; } > $L/a/etc/eig.conf
A ipsec whack --rereadsecrets >/dev/null
st() { A ipsec whack --status | grep -E '"p_acme_t1_s1(_b)?": 10|newest|#[0-9]+:' | sed 's/10.20.*===172.16.5.0.24//'; echo "policies out: $(A ip xfrm policy | grep -c 'src 10.20.0.0/24 dst 172.16.5.0/24')"; A ip xfrm policy list src 10.20.0.0/24 | head -4; }
C() { echo "\$ $*"; A "$@"; echo "-> $?"; }
C ipsec addconn p_acme_t1_s1; C ipsec addconn p_acme_t1_s1_b; st
C ipsec whack --route --name p_acme_t1_s1;  st
echo "## second route"; C ipsec whack --route --name p_acme_t1_s1_b; st
echo "## initiate backup while primary has the trap";  C timeout 3 ipsec whack --initiate --asynchronous --name p_acme_t1_s1_b; sleep 0.3; st
C ipsec whack --terminate --name p_acme_t1_s1_b;C ipsec whack --delete --name p_acme_t1_s1_b; C ipsec addconn p_acme_t1_s1_b
echo "## switch: route backup first then unroute/delete primary?"; C ipsec whack --unroute --name p_acme_t1_s1; st; C ipsec whack --route --name p_acme_t1_s1_b; st
C ipsec whack --delete --name p_acme_t1_s1; st
C ipsec whack --unroute --name p_acme_t1_s1_b
echo "## re-add unchanged while routed"; C ipsec addconn p_acme_t1_s1; C ipsec whack --route --name p_acme_t1_s1; st; C ipsec addconn p_acme_t1_s1; st
C ipsec addconn --autoall; st
tail -30 $L/a/log
down
