# وہ سب جو ہر صفحے پر ہے۔

skip-to-content = سیدھا متن پر جائیں
nav-label = صفحات
nav-chart = نقشہ
nav-list = ساکٹس
nav-watch = براہِ راست
nav-registry = رجسٹری
search-label = پورٹ، سروس یا کوئی لفظ تلاش کریں
search-button = تلاش
theme-label = رنگ
footer-about = یہ صفحہ یہی مشین خود آپ کو دکھا رہی ہے: کہیں اور سے کچھ نہیں لیا جاتا، اور کسی کو خبر نہیں ہوتی کہ آپ نے اسے پڑھا۔

chart-title = تمام پورٹس کا نقشہ
chart-listening = یہاں سننے والے پورٹس

port-heading = پورٹ { $port }
breadcrumb-label = آپ یہاں ہیں
breadcrumb-ports = پورٹس

now-heading = اس وقت
now-none = کسی ساکٹ کے پاس نہیں۔
bind-heading = کیا میں اسے بائنڈ کر سکتا ہوں؟
before-heading = اس سے پہلے

column-proto = پروٹوکول
column-state = حالت
column-local = مقامی سرا
column-remote = دور کا سرا
column-owner = مالک پروسیس
column-user = صارف
column-place = کہاں

languages-label = زبانیں
